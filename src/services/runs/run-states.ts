export const runStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'missed'] as const;
