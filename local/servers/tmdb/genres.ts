/** TMDB's genres of movies, by IMDb's name for each. What IMDb alone knows (`Film-Noir`, `Short`, …) is none of them. */
export interface Genre {
  readonly id: number;
  readonly name: string;
}

/** In the order of `/3/genre/movie/list`. */
export const genres: readonly Genre[] = [
  { id: 28, name: 'Action' },
  { id: 12, name: 'Adventure' },
  { id: 16, name: 'Animation' },
  { id: 35, name: 'Comedy' },
  { id: 80, name: 'Crime' },
  { id: 99, name: 'Documentary' },
  { id: 18, name: 'Drama' },
  { id: 10751, name: 'Family' },
  { id: 14, name: 'Fantasy' },
  { id: 36, name: 'History' },
  { id: 27, name: 'Horror' },
  { id: 10402, name: 'Music' },
  { id: 9648, name: 'Mystery' },
  { id: 10749, name: 'Romance' },
  { id: 878, name: 'Science Fiction' },
  { id: 10770, name: 'TV Movie' },
  { id: 53, name: 'Thriller' },
  { id: 10752, name: 'War' },
  { id: 37, name: 'Western' },
];

const namesAtImdb: Readonly<Record<string, string>> = { 'Sci-Fi': 'Science Fiction', Musical: 'Music' };

/** @param imdbGenres as in a line of title.basics: comma-separated */
export function genresOf(imdbGenres: string, kind: string): Genre[] {
  const names = imdbGenres.split(',').map(name => namesAtImdb[name] ?? name);
  if (kind === 'tvMovie') names.push('TV Movie');
  return genres.filter(({ name }) => names.includes(name));
}
