# The portal and the command line, with ffmpeg. Models and the archive are volumes, so the image holds neither.
# `docker compose up` builds and starts it; see docs/how-to/elasticsearch.md.
FROM python:3.11.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/*

# the same set-up as on any machine: locked versions, each checked against its hash
WORKDIR /opt/onrecord
COPY . .
RUN python scripts/setup.py core && rm -rf /root/.cache

# the uid that Elasticsearch's image has too, so that both read the same secret files
RUN useradd --uid 1000 --no-create-home --home-dir /cache onrecord \
    && mkdir /archive /cache \
    && chown onrecord:onrecord /archive /cache
USER 1000:1000
VOLUME ["/archive", "/cache"]
ENV ONRECORD_ARCHIVE=/archive \
    ONRECORD_CACHE=/cache \
    HOME=/cache \
    PATH=/opt/onrecord/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["onrecord"]
# the volume is empty at the first start
CMD ["serve", "--host", "0.0.0.0", "--create"]
