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
    '# what is there\nls',
    'ls # and no more\npwd',
    'echo a#b',
    'grep "say \\"hi\\"" a.txt',
    "grep $'a\\'b' a.txt",
    'ls \\\n  -la',
    'command -v node',
    'git stash list',
    'git log -D',
    'git -C $(pwd) status',
    'gh pr view 12 --json title',
    'find . | xargs -I {} head -1 {}',
    'timeout -k 5 10s grep -i a b',
    'env A=1 sort -u in',
    'nice -n 10 ls',
    'find . -name "*.md" | while read f; do echo "$f"; done',
    'uniq -c in',
    "awk '$1 == 1 || $2 { print }' in",
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
    "grep -rl foo src | xargs sed -i 's/foo/bar/'",
    "find . | xargs -n 1 -P 4 sed -i.bak 's/foo/bar/'",
    'timeout 5 find . -name x -delete',
    'env A=1 sed -i s/a/b/ f',
    'env -S "rm x"',
    'xargs sort -o out',
    'sort -uo out in',
    "sed -n 'w out.txt' f",
    "sed 's/a/b/w out' f",
    "sed 's/.*/date/e' f",
    'awk \'{ print | "sh" }\' f',
    'awk -f program.awk f',
    'git diff --output=x',
    'git stash',
    'git stash drop',
    'uniq in out',
    './test',
    'scripts/find .',
    '$(printf "rm -rf x")',
    '$TOOL --version',
    'ls > /dev/null.txt',
    'cat $(',
  ])('%s may do more', (command) => {
    expect(onlyReads(command)).toBe(false);
  });

  it.each(Object.getOwnPropertyNames(Object.prototype))('%s is no program that looks', (name) => {
    expect(onlyReads(`${name} --version`)).toBe(false);
    expect(onlyReads(`git ${name}`)).toBe(false);
  });

  it('says of a quoted word that it runs nothing', () => {
    expect(onlyReads("grep '$(rm -rf x)' notes.txt")).toBe(true);
  });
});
