#!/bin/sh
# Runs the daemon under PM2: ./pm2.sh {start|stop|restart|status|logs|monit|delete|startup} [what pm2 takes]
set -eu
# Through links to this file as well.
cd "$(dirname "$(readlink -f "$0")")"

name=agent-monitor
ready_within=20 # seconds

main() {
  verb=${1:-}
  [ $# -eq 0 ] || shift
  case $verb in
    start)
      sh scripts/setup.sh
      find_pm2
      check_settings "$@"
      forget_earlier_start
      pm2 start ecosystem.config.js "$@"
      await_ready
      pm2 save
      ;;
    restart)
      sh scripts/setup.sh
      find_pm2
      # Without it PM2 starts the daemon with the settings that it had before, not with those of today.
      case " $* " in *' --update-env '*) check_settings ;; esac
      pm2 restart "$name" "$@"
      await_ready
      ;;
    stop | logs)
      find_pm2
      pm2 "$verb" "$name" "$@"
      ;;
    status | monit | startup)
      find_pm2
      pm2 "$verb" "$@"
      ;;
    delete)
      find_pm2
      pm2 delete "$name" "$@"
      # --force: an empty list is saved too, else the next boot would bring the daemon back.
      pm2 save --force
      ;;
    *)
      echo "usage: $0 {start|stop|restart|status|logs|monit|delete|startup} [what pm2 takes]" >&2
      exit 2
      ;;
  esac
}

# PM2 as installed on this machine, else the one among this folder's packages with the Node beside it.
find_pm2() {
  command -v pm2 >/dev/null 2>&1 || PATH="$PWD/node_modules/.bin:$PATH"
  command -v pm2 >/dev/null 2>&1 || {
    echo 'pm2.sh: PM2 missing. Install it with: npm install -g pm2' >&2
    exit 1
  }
}

# A bad setting is told here, once, instead of in PM2's log ten times. What follows -- are sessions.
check_settings() {
  while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
  node daemon.js --check "$@"
}

# An app that PM2 knows keeps each setting that it once had, also one that has been unset since.
forget_earlier_start() {
  ! pm2 describe "$name" >/dev/null 2>&1 || pm2 delete "$name"
}

# PM2 answers as well as ever where the daemon ended at once, or hangs.
await_ready() {
  waited=0
  state=starting
  while [ "$state" = starting ] && [ "$waited" -lt "$ready_within" ]; do
    [ "$waited" -eq 0 ] || sleep 1
    waited=$((waited + 1))
    state=$(pm2 jlist | node scripts/pm2-state.js)
  done
  case $state in
    ready) ;;
    starting) fail "it is not ready after $ready_within seconds: ./pm2.sh logs" ;;
    *) fail "$state" ;;
  esac
}

fail() {
  printf 'pm2.sh: the daemon is not running: %s\n' "$1" >&2
  exit 1
}

main "$@"
