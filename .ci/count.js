// Adds up vitest's JSON reports. A test that was skipped in every run that knows it counts as a failure.
import { readFileSync } from 'node:fs';

const outcomes = new Map();
for (const path of process.argv.slice(2)) {
  for (const file of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    const name = file.name.slice(file.name.lastIndexOf('/test/'));
    if (file.status === 'failed' && file.assertionResults.length === 0) outcomes.set(name, 'failed');
    for (const test of file.assertionResults) {
      const key = `${name} ${test.fullName}`;
      const known = outcomes.get(key);
      const worst = test.status === 'failed' || known === 'failed' ? 'failed' : undefined;
      const ran = test.status === 'passed' || known === 'passed' ? 'passed' : 'skipped';
      outcomes.set(key, worst ?? ran);
    }
  }
}
const count = (outcome) => [...outcomes.values()].filter((one) => one === outcome).length;
for (const [name, outcome] of outcomes) if (outcome !== 'passed') process.stdout.write(`${outcome}: ${name}\n`);
process.stdout.write(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
process.exitCode = count('passed') > 0 && count('passed') === outcomes.size ? 0 : 1;
