#!/bin/sh
# Makes this folder ready to run: tmux, redis-server, the npm packages, Node 24 among them, and the
# dashboard; with --for-tests also chromium.
# Does nothing where nothing is missing, and waits where another run is already at it.
set -eu
cd "$(dirname "$0")/.."

lock=.cache/setup.lock
stamp=node_modules/.setup-stamp
bundled_node=node_modules/node/bin/node
dashboard=dashboard/dist/index.html
programs='tmux redis-server'
[ "${1:-}" != --for-tests ] || programs="$programs chromium"

# Also for the npm that the script of `node` starts.
export npm_config_update_notifier=false

main() {
  if programs_ready && packages_ready && dashboard_ready; then exit 0; fi
  take_lock
  programs_ready || install_programs
  packages_ready || install_packages
  dashboard_ready || build_dashboard
}

say() { printf 'agent-monitor: %s\n' "$1" >&2; }

die() {
  say "$1"
  exit 1
}

programs_ready() {
  missing=
  for program in $programs; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing${missing:+ }$program"
  done
  [ -z "$missing" ]
}

install_programs() {
  if command -v apt-get >/dev/null 2>&1; then
    by_hand="sudo apt-get update && sudo apt-get install -y $missing"
    if [ "$(id -u)" = 0 ]; then
      as_root=
    elif sudo -n true 2>/dev/null; then
      as_root='sudo -n'
    else
      die "$missing missing. Install with: $by_hand"
    fi
    say "installing $missing"
    # shellcheck disable=SC2086 # a list of words
    { apt_get update && apt_get install -y --no-install-recommends $missing; } >&2 ||
      die "apt-get could not install $missing. Try by hand: $by_hand"
  elif command -v brew >/dev/null 2>&1; then
    formulae=$(printf '%s' "$missing" | sed 's/redis-server/redis/')
    say "installing $missing"
    # shellcheck disable=SC2086 # a list of words
    HOMEBREW_NO_AUTO_UPDATE=1 brew install -q $formulae >&2 ||
      die "brew could not install $missing. Try by hand: brew install $formulae"
  else
    die "$missing missing. Install with this machine's package manager, then run this again"
  fi
}

apt_get() {
  # shellcheck disable=SC2086 # nothing or two words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@"
}

# The stamp says for which lock file and kind of machine node_modules was installed.
wanted() {
  uname -sm
  cat package-lock.json
}

packages_ready() { wanted | cmp -s - "$stamp"; }

install_packages() {
  say 'installing the npm packages and Node 24'
  # It is made of them too.
  rm -f "$dashboard"
  # No install scripts but that of `node`, which fetches its binary from the registry: npm 10 would
  # compile better-sqlite3 13, which needs Python and a compiler, though its binary is in the package.
  npm ci --ignore-scripts --include=dev --no-audit --no-fund --loglevel=error >&2 ||
    die 'npm ci failed; see above'
  npm rebuild --loglevel=error node >&2 || say 'Node 24 could not be installed from npm'
  "$bundled_node" --version >/dev/null 2>&1 || node_is_new_enough ||
    die 'Node 24 or newer missing. Install it, then run this again'
  wanted >"$stamp"
}

# As long as nothing that it is made of is newer.
dashboard_ready() {
  [ -f "$dashboard" ] && [ -z "$(find dashboard machines/vocabulary.ts -newer "$dashboard" \
    -type f -not -path 'dashboard/dist/*' | head -n 1)" ]
}

build_dashboard() {
  say 'building the dashboard'
  node=$bundled_node
  "$node" --version >/dev/null 2>&1 || node=node
  "$node" node_modules/vite/bin/vite.js build dashboard --logLevel error >&2 ||
    die 'the dashboard could not be built; see above'
}

node_is_new_enough() { node -e 'process.exit(parseInt(process.versions.node, 10) < 24 ? 1 : 0)'; }

# The lock is a symbolic link to the owner's process id: made in one step, and it tells who has it.
take_lock() {
  mkdir -p .cache
  [ -w .cache ] || die "cannot write to $PWD/.cache"
  waiting=
  until ln -s "$$" "$lock" 2>/dev/null; do
    owner=$(readlink "$lock") || continue
    if kill -0 "$owner" 2>/dev/null; then
      [ -n "$waiting" ] || say "waiting for the set-up that process $owner runs (if it is none, remove $lock)"
      waiting=yes
      sleep 1
    else
      break_lock "$owner"
    fi
  done
  trap 'rm -f "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# One at a time: else the second of two who find it stale would remove the lock of the first.
break_lock() {
  if ln -s "$$" "$lock.break" 2>/dev/null; then
    [ "$(readlink "$lock")" != "$1" ] || rm -f "$lock"
    rm -f "$lock.break"
  else
    sleep 1
  fi
}

main
