/** Of the jobs, and of datasets whose place is unknown. */
export const defaultNamespace = 'user-behaviour';
