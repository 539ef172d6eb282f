// Runs a program of src/ with this process's arguments: in this process where its Node is new enough,
// else in one of the Node 24 that lies in node_modules, for which this process then stands.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const bundledNode = path('./node_modules/node/bin/node');

/** `program` imports what is run; `launcher` is the file that calls this. */
export async function launch(program, launcher) {
  if (!existsSync(path('./node_modules'))) {
    refuse('the packages are missing');
  } else if (Number.parseInt(process.versions.node, 10) >= 24) {
    stopWithTheOneWeStandFor();
    keepCompiledCode();
    await program();
  } else if (existsSync(bundledNode)) {
    standFor(bundledNode, launcher);
  } else {
    refuse(`Node 24 or newer is needed, this is ${process.version}`);
  }
}

function refuse(why) {
  console.error(`agent-monitor: ${why}. \`npm start\` sets it all up.`);
  process.exitCode = 1;
}

function standFor(node, launcher) {
  // A process group of its own: a Ctrl-C must reach it once, through us, not twice.
  const child = spawn(node, [...process.execArgv, path(launcher), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, AGENT_MONITOR_RELAUNCHED: '1' },
    detached: true,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  if (process.send) {
    child.on('message', (message) => process.connected && process.send(message));
    process.on('message', (message) => child.connected && child.send(message));
  }
  child.on('error', (error) => {
    console.error(`agent-monitor: cannot run ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

// A third of what a start costs is compiling; the variable tells the worker threads.
function keepCompiledCode() {
  process.env.NODE_COMPILE_CACHE ??= path('./.cache/compiled');
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

// A killed stand-in cannot pass its end on; the broken channel tells.
function stopWithTheOneWeStandFor() {
  if (!process.env.AGENT_MONITOR_RELAUNCHED) return;
  delete process.env.AGENT_MONITOR_RELAUNCHED;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
