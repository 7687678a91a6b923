import { type Charts, chartsOf, type ListName, type MovieList, type RankedMovie } from './lists.ts';
import type { Movies } from './movies.ts';

/** Given the movies of a list in their order, says which ones there are instead, and in which order. */
export type ListEdit = (movies: readonly RankedMovie[]) => readonly RankedMovie[];

/** Changes to lists, in the order in which they were made. */
export class ListEdits {
  readonly #edits: { readonly list: ListName; readonly edit: ListEdit }[] = [];

  add(list: ListName, edit: ListEdit): void {
    this.#edits.push({ list, edit });
  }

  apply(list: ListName, movies: readonly RankedMovie[]): readonly RankedMovie[] {
    const edits = this.#edits.filter(edit => edit.list === list);
    return edits.reduce((edited, { edit }) => edit(edited), movies);
  }
}

/** What answers are made of: the movies, and the lists as they are now. */
export class Sources {
  readonly movies: Movies;
  readonly #edits: ListEdits;
  readonly #now: () => number;
  #charts: Charts | undefined;

  /** @param now milliseconds since 1970 */
  constructor(movies: Movies, edits: ListEdits, now: () => number) {
    this.movies = movies;
    this.#edits = edits;
    this.#now = now;
  }

  get charts(): Charts {
    const today = new Date(this.#now()).toISOString().slice(0, 10);
    if (this.#charts?.today !== today) this.#charts = chartsOf(this.movies, today);
    return this.#charts;
  }

  /** @param region as in `Charts` */
  list(name: ListName, region: string): MovieList {
    const { movies, ...list } = this.charts.list(name, region);
    return { ...list, movies: this.#edits.apply(name, movies) };
  }
}
