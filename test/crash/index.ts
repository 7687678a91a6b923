import { imdbCrashes } from './imdb.ts';
import type { CrashScenario } from './scenario.ts';
import { tmdbCrashes } from './tmdb.ts';
import { youflixCrashes } from './youflix.ts';

export const crashScenarios: readonly CrashScenario[] = [youflixCrashes, imdbCrashes, tmdbCrashes];
