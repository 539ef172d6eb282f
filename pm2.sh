#!/bin/sh
# Runs the daemon under PM2: ./pm2.sh {start|stop|restart|status|logs|monit|delete|startup} [what pm2 takes]
set -eu
cd "$(dirname "$0")"

name=agent-monitor

main() {
  verb=${1:-}
  [ $# -eq 0 ] || shift
  case $verb in
    start)
      sh scripts/setup.sh
      run_pm2 start ecosystem.config.js "$@"
      run_pm2 save
      ;;
    restart)
      sh scripts/setup.sh
      run_pm2 restart "$name" "$@"
      ;;
    stop | logs) run_pm2 "$verb" "$name" "$@" ;;
    status | monit | startup) run_pm2 "$verb" "$@" ;;
    delete)
      run_pm2 delete "$name" "$@"
      # --force: an empty list is saved too, else the next boot would bring the daemon back.
      run_pm2 save --force
      ;;
    *)
      echo "usage: $0 {start|stop|restart|status|logs|monit|delete|startup} [what pm2 takes]" >&2
      exit 2
      ;;
  esac
}

# PM2 as installed on this machine, else the one among this folder's packages with the Node beside it.
run_pm2() {
  if command -v pm2 >/dev/null 2>&1; then
    pm2 "$@"
  elif [ -x node_modules/.bin/pm2 ]; then
    env PATH="$PWD/node_modules/.bin:$PATH" pm2 "$@"
  else
    echo 'pm2.sh: PM2 missing. Install it with: npm install -g pm2' >&2
    exit 1
  fi
}

main "$@"
