import type { CrashScenario } from './scenario.ts';
import { youflixCrashes } from './youflix.ts';

export const crashScenarios: readonly CrashScenario[] = [youflixCrashes];
