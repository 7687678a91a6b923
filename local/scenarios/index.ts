/** The pipelines that the local cloud plays, in order. A new pipeline adds its scenario here. */
import { imdbScenario } from './imdb.ts';
import type { Scenario } from './scenario.ts';
import { tmdbScenario } from './tmdb.ts';
import { youflixScenario } from './youflix.ts';

export const scenarios: readonly Scenario[] = [youflixScenario, imdbScenario, tmdbScenario];
