#!/bin/sh
# Makes the four nodes of compose.yaml: identities, a publisher each, a few records, and the
# cards exchanged. Every step is left out where it was done before, so that a start that was
# interrupted is completed by the next one.
set -eu

made() { wpsx --data-dir "/nodes/$1" "$2" list --json | grep -q "\"name\":\"$3\""; }

make() { # node, title
    [ -e "/nodes/$1/wpsx.toml" ] || {
        rm -rf "/nodes/$1/"*
        wpsx --data-dir "/nodes/$1" init --name "$1" --advertise "https://$1:7443"
    }
    made "$1" publisher "$1.example" ||
        wpsx --data-dir "/nodes/$1" publisher add "$1.example" --title "$2"
    wpsx --data-dir "/nodes/$1" import "/records/$1.csv"
    wpsx --data-dir "/nodes/$1" card --output "/tmp/$1.card"
}

introduce() { # node, peer, options
    node=$1 peer=$2
    shift 2
    made "$node" peer "$peer" ||
        wpsx --data-dir "/nodes/$node" peer add "/tmp/$peer.card" "$@"
}

make eu "European Union (demo)"
make au "African Union (demo)"
make western-balkans "Western Balkans (demo)"
make secretariat "Secretariat (demo)"

# au and western-balkans have no line between them: the secretariat relays.
for node in eu au western-balkans; do
    introduce "$node" secretariat --introduces
    introduce secretariat "$node"
done
introduce eu au
introduce au eu
introduce eu western-balkans
introduce western-balkans eu

# The user that the nodes run as.
chown -R 10001:10001 /nodes/eu /nodes/au /nodes/western-balkans /nodes/secretariat
