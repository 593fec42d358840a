import { expect, test } from 'vitest';
import { toLastWords } from '../../src/job/last-words.ts';
import { anAgent, anEvent, aPod, evidence } from './samples.ts';

test('a pod, and its last events in order', () => {
  const init = { name: 'recac-seed', state: { running: {} } };
  const pod = aPod({
    initContainerStatuses: [init],
    containerStatuses: [anAgent({ waiting: { reason: 'PodInitializing' } })],
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message: 'with incomplete status' },
      { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
    ],
  });
  const podEvents = [7, 3, 1, 2, 6, 5, 3, 7].map((second) =>
    anEvent(`Event${second}`, 'words', `2026-11-24T08:00:0${second}Z`),
  );
  const jobEvents = [anEvent('SuccessfulCreate', 'Created pod', '2026-11-24T08:00:04Z')];
  expect(toLastWords(evidence({ pod, podEvents, jobEvents }))).toEqual([
    `pod ${pod.metadata.name}: Pending, Initialized is False (ContainersNotInitialized: with incomplete status), recac-seed runs, agent waits (PodInitializing)`,
    'Event3: words',
    'SuccessfulCreate: Created pod',
    'Event5: words',
    'Event6: words',
    'Event7: words',
  ]);
});

test('a Job that has no pod', () => {
  const jobEvents = [anEvent('FailedCreate', 'exceeded quota: few')];
  expect(toLastWords(evidence({ jobEvents }))).toEqual([
    expect.stringMatching(/^job recac-agent-fix-login\S*: it has no pod$/),
    'FailedCreate: exceeded quota: few',
  ]);
});
