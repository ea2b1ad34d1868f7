/** Guards of stage-reviews. */
import type { Mutation } from '../mutation.ts';

const stage = (file: string) => `packages/stage-reviews/${file}`;

export const staging: readonly Mutation[] = [
  {
    guard: 'a line that is too long becomes a notice',
    file: stage('src/line-limit.ts'),
    find: 'if (content <= this.#limit) return kept;',
    replace: 'if (content >= 0) return kept;',
    caughtBy: stage('src/line-limit.test.ts'),
  },
  {
    guard: 'reviews are UTF-8',
    file: stage('src/reviews-check.ts'),
    find: 'if (faultAfter !== undefined) throw notUtf8(name, lines.line + faultAfter);',
    replace: '',
    caughtBy: stage('src/reviews-check.test.ts'),
  },
  {
    guard: 'reviews begin with the agreed header',
    file: stage('src/reviews-check.ts'),
    find: 'if (!isHeader(found)) {',
    replace: "if (found === '') {",
    caughtBy: stage('src/reviews-check.test.ts'),
  },
  {
    guard: 'a reviews file that changes before it is opened is not read',
    file: stage('src/source/file-source.ts'),
    find: '.version !== look.version) {',
    replace: ".version === '') {",
    caughtBy: stage('src/source/open-source.test.ts'),
  },
  {
    guard: 'an object of reviews that was replaced is not read',
    file: stage('src/source/object-source.ts'),
    find: ', IfMatch: look.version',
    replace: '',
    caughtBy: stage('src/source/open-source.test.ts'),
  },
  {
    guard: 'as many bytes of reviews are read as were there',
    file: stage('src/source/reviews-source.ts'),
    find: 'if (read !== bytes) throw changed(name);',
    replace: '',
    caughtBy: stage('src/source/open-source.test.ts'),
  },
  {
    guard: 'reviews that change while they are read are not published',
    file: stage('src/checked-reviews.ts'),
    find: 'if (await hasChanged()) throw changed(source.name);',
    replace: '',
    caughtBy: stage('src/checked-reviews.test.ts'),
  },
  {
    guard: 'a wrong file that changes while it is read is not wrong data',
    file: stage('src/checked-reviews.ts'),
    find: 'isAboutData && (await hasChanged()) ?',
    replace: 'isAboutData && false ?',
    caughtBy: stage('src/checked-reviews.test.ts'),
  },
  {
    guard: 'a reviews file that is still being written is not delivered',
    file: stage('src/source/delivery.ts'),
    find: 'again?.version === found.version ? again :',
    replace: 'again !== undefined ? again :',
    caughtBy: stage('src/source/delivery.test.ts'),
  },
  {
    guard: 'a reviews file that has just changed is looked at again',
    file: stage('src/source/delivery.ts'),
    find: 'if (!hasJustChanged(found, settle)) return found;',
    replace: 'if (settle >= 0) return found;',
    caughtBy: stage('src/source/delivery.test.ts'),
  },
  {
    guard: 'an empty reviews file is waited for',
    file: stage('src/source/delivery.ts'),
    find: "if (found.bytes === 0 && wait > 0) return 'is empty';",
    replace: '',
    caughtBy: stage('src/source/delivery.test.ts'),
  },
  {
    guard: 'reviews without their marker are not delivered',
    file: stage('src/source/delivery.ts'),
    find: '(await marker.look()) === undefined',
    replace: "marker.name === ''",
    caughtBy: stage('src/source/delivery.test.ts'),
  },
  {
    guard: 'gzip that is damaged or cut short is wrong data',
    file: stage('src/plain-text.ts'),
    find: "if (!code.startsWith('Z_')) throw error;",
    replace: 'throw error;',
    caughtBy: stage('src/plain-text.test.ts'),
  },
  {
    guard: 'the Spark script is written only where none is',
    file: stage('src/spark-script.ts'),
    find: "        IfNoneMatch: '*',\n",
    replace: '',
    caughtBy: stage('src/spark-script.test.ts'),
  },
];
