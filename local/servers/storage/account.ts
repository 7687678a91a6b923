import fs from 'node:fs';
import path from 'node:path';
import { BlockStore } from './blocks.ts';
import { type PathKey, RecordStore } from './records.ts';
import { Staging } from './staging.ts';
import { Tree } from './tree.ts';

/** One storage account: its name, its key, and the folder that holds its file systems. */
export interface AccountOptions {
  readonly name: string;
  /** Base64, as a connection string has it. */
  readonly key: string;
  /** File systems are `root/<name>/`. Made if missing; `root/.storage/` is the stand-in's own. */
  readonly root: string;
  /** File systems to make at start where they are missing. */
  readonly fileSystems?: readonly string[];
}

/** An account at work. */
export class Account {
  readonly name: string;
  readonly key: Buffer;
  readonly tree: Tree;
  readonly staging: Staging;
  readonly blocks: BlockStore;
  readonly #records: RecordStore;

  /** @throws Error when another process serves the same folder */
  constructor({ name, key, root, fileSystems = [] }: AccountOptions) {
    this.name = name;
    this.key = Buffer.from(key, 'base64');
    const own = path.join(root, '.storage');
    fs.mkdirSync(own, { recursive: true });
    this.#records = new RecordStore(path.join(own, 'records.db'));
    this.tree = new Tree(root, path.join(own, 'trash'), this.#records);
    this.staging = new Staging(path.join(own, 'staging'), this.#records, this.tree);
    this.blocks = new BlockStore(path.join(own, 'blocks'), this.#records);
    for (const fileSystem of fileSystems) {
      const key = { fileSystem, path: '' };
      if (this.tree.find(key) === undefined) this.tree.makeDirectory(key, {});
    }
  }

  /** Forgets what was uploaded to a path and everything below it, and never committed. */
  readonly dropUncommitted = (key: PathKey): void => {
    this.staging.drop(key);
    this.staging.dropBelow(key);
    this.blocks.drop(key);
  };

  async close(): Promise<void> {
    await this.tree.settle();
    this.#records.close();
  }
}
