// What `@azure/functions` gets when it asks for its host: entry.ts fills this before it loads the app, and NODE_PATH leads here.
module.exports = globalThis[Symbol.for('local-host.functions-core')];
