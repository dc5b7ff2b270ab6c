#!/usr/bin/env bash
# Runs once, when Gradescope builds the autograder's image (choose the Ubuntu 24.04 base image: derivcheck needs
# Python 3.11 or newer). Installs derivcheck from the wheel in the zip, or from the package index if there is none.
set -euo pipefail

apt-get update -qq
apt-get install -y -qq python3 python3-venv

home=${DERIVCHECK_HOME:-/opt/derivcheck}
wheel=$(find "${AUTOGRADER_ROOT:-/autograder}/source" -maxdepth 1 -name 'derivcheck-*.whl' | sort | tail -n 1)
python3 -m venv "$home"
"$home/bin/python" -m pip install --quiet "${wheel:-derivcheck}"
"$home/bin/python" -m derivcheck --version
