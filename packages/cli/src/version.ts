/**
 * The version of this package, as its manifest says it.
 */
import manifest from '../package.json' with {type: 'json'};

export const {version} = manifest;
