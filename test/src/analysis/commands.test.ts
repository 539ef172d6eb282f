import { describe, expect, it } from 'vitest';
import { onlyReads } from '../../../src/analysis/commands.ts';

describe('onlyReads', () => {
  it.each([
    'ls -la',
    'cat src/parser.js | head -20',
    'sleep 3; grep -rn tokenize src | head',
    'git status && git diff --stat',
    'git -P log --oneline -5',
    'git -C ../other status',
    'cd "$(git rev-parse --show-toplevel)" && ls',
    "find . -name '*.ts' -not -path './node_modules/*'",
    'cd src && pwd',
    'FOO=1 rg "a; rm -rf b" .',
    'grep -c x file 2>/dev/null',
    'wc -l < notes.txt',
    'ls 2>&1 | sort | uniq -c',
    'for f in src/*.ts; do wc -l "$f"; done',
    'if [ -f a ]; then cat a; else echo none; fi',
    'echo $(git rev-parse HEAD)',
    'for i in $(seq 1 40); do echo line $i; [ $((i%4)) = 0 ] && sleep 0.7; done; true',
    'timeout 5 cat pipe',
    'find . -name "*.js" | xargs grep -l foo',
    "sed -n '1,20p' file",
    'npm ls --depth=0',
    '/usr/bin/head -1 x',
  ])('%s looks', (command) => {
    expect(onlyReads(command)).toBe(true);
  });

  it.each([
    'npm test',
    'ls; npm test',
    'cat a > b',
    'echo x >> notes.txt',
    'rm -rf build',
    'git commit -m "x"',
    'git branch -D old',
    'git push',
    'find . -name x -delete',
    'find . -exec rm {} +',
    "sed -i 's/a/b/' file",
    'sort -o out in',
    'cat $(rm x)',
    'echo `touch x`',
    'echo "$(touch x)"',
    'echo "$(ls)" | npm test',
    'ls "$(cat $(rm x))"',
    'xargs rm < list',
    'time npm run build',
    'env FOO=1 make',
    'python script.py',
    'cat <<EOF > file',
    'tee log',
    'cat "unclosed',
    'cat a-very-long-name…',
    '',
    'curl http://localhost:3000',
    'npm install',
    'ls & npm start',
  ])('%s may do more', (command) => {
    expect(onlyReads(command)).toBe(false);
  });

  it('says of a quoted word that it runs nothing', () => {
    expect(onlyReads("grep '$(rm -rf x)' notes.txt")).toBe(true);
  });
});
