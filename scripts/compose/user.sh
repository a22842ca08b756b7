#!/bin/bash
# Gives the portal's user the role in role.json, and the password in its secret file. Can be run again.
set -euo pipefail

ask() { # method, path, body
    # passwords go in by standard input and by file, so that no process list shows them
    printf 'user = "elastic:%s"\n' "$(</run/secrets/elastic_password)" |
        curl --silent --show-error --fail-with-body --output /dev/null --config - \
            --cacert /authority/ca.crt --header 'Content-Type: application/json' \
            --request "$1" --data-binary "$3" "https://elasticsearch:9200$2"
}

ask PUT /_security/role/onrecord @/setup/role.json
ask PUT /_security/user/onrecord @<(
    printf '{"roles": ["onrecord"], "password": "%s"}' "$(</run/secrets/onrecord_password)"
)
