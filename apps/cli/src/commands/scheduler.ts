import { connectionFields, opsFields, processFields, resolveSchedulerConfig, schedulerFields } from '@drover/config';
import type { Command } from '../command.js';
import { COMMON_OPTIONS, optionsOf, without } from '../options.js';
import { settingsOf } from '../settings.js';
import { EXIT } from '../exit-codes.js';
import { exitCodeOf } from '../failure.js';
import { VERSION } from '../version.js';

export const command: Command = {
  options: {
    ...optionsOf(without(schedulerFields, { ...connectionFields, ...processFields, ...opsFields }), 'Scheduler:'),
    ...optionsOf(opsFields, 'Monitoring:'),
    ...COMMON_OPTIONS,
  },
  details: 'Run three on three hosts: one leads, the others are standbys. Schedulers keep nothing on disk.',
  examples: [
    ['drover scheduler --zk zk1:2181,zk2:2181,zk3:2181/prod --id s1', 'one of three replicas'],
    ['drover scheduler --session-timeout 3s', 'a standby takes over 3 seconds after the leader fails'],
    ['DROVER_ZK=zk1:2181 DROVER_STRATEGY=weighted drover scheduler', 'settings from the environment, as in containers'],
  ],
  run: async (environment) => {
    const config = resolveSchedulerConfig(settingsOf(environment));
    const { runScheduler } = await import('@drover/scheduler-app');
    try {
      await runScheduler(config, { version: VERSION, signal: environment.signal });
      return EXIT.DONE;
    } catch (error) {
      // The process has logged it.
      return exitCodeOf(error);
    }
  },
};
