/** The smallest program of its kind: as many verbs as samesource, nothing behind them. */
import { Command } from 'commander';

const program = new Command('bare').description('does nothing').version('0.0.0').option('--json').option('--quiet');
for (const verb of process.argv.splice(3))
  program
    .command(verb)
    .description(`would ${verb}`)
    .action(() => {});
program.parse();
