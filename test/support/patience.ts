/** For `vi.waitFor` where a real program is waited for: long, since the machine may be busy. */
export const PATIENCE = { timeout: 20_000, interval: 10 };
