#!/bin/bash
# Makes an authority and a certificate for each of the nodes that compose may start, once.
set -euo pipefail
cd /usr/share/elasticsearch

[ -f logs/ca.crt ] && exit 0
bin/elasticsearch-certutil ca --silent --pem --out data/ca.zip
unzip -q -o data/ca.zip -d data
{
    echo "instances:"
    for node in elasticsearch elasticsearch2 elasticsearch3; do
        echo "  - { name: $node, dns: [$node, localhost], ip: [127.0.0.1] }"
    done
} >data/instances.yml
bin/elasticsearch-certutil cert --silent --pem --in data/instances.yml --out data/nodes.zip \
    --ca-cert data/ca/ca.crt --ca-key data/ca/ca.key
unzip -q -o data/nodes.zip -d data
rm data/ca.zip data/nodes.zip data/instances.yml
cp data/ca/ca.crt logs/ca.crt
rm data/ca/ca.key # nobody needs a fourth
