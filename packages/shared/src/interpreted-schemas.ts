/**
 * The first import of a program that parses few values with each schema: zod then generates no code for schemas, which
 * would cost more than it saves. It holds for schemas that are made later, so for all modules that are imported later.
 */
import * as z from 'zod';

z.config({ jitless: true });
