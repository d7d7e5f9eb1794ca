import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

/** Jest does not use Node's own type stripping, so its transform calls it. Columns and lines stay where they were. */
export default {
  process(source) {
    return { code: stripTypeScriptTypes(source) };
  },
  getCacheKey(source, path, options) {
    return createHash('sha256')
      .update([process.version, source, path, String(options.instrument), options.configString].join('\0'))
      .digest('hex');
  },
};
