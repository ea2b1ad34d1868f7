/**
 * What Grafana takes as a dashboard, from the types that Grafana generates from its schema. In JSON, an enumeration is
 * its text, and Grafana fills in the options that are left out.
 */
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

type Json<T> = T extends string
  ? `${T}`
  : T extends readonly (infer E)[]
    ? Json<E>[]
    : T extends object
      ? { [K in keyof T as T[K] extends () => void ? never : K]: Json<T[K]> }
      : T;

type Replaced<T, R> = Omit<T, keyof R> & R;

type Query = Replaced<
  Json<prometheus.Dataquery>,
  { datasource?: Json<dashboard.DataSourceRef>; expr: string }
>;

type Fields<F> = Replaced<
  Json<dashboard.FieldConfigSource>,
  { defaults: Replaced<Json<dashboard.FieldConfig>, { custom?: Partial<Json<F>> }> }
>;

type Panel<T extends string, Options, Custom> = Replaced<
  Json<dashboard.Panel>,
  { type: T; options: Partial<Json<Options>>; fieldConfig: Fields<Custom>; targets: Query[] }
>;

// The SDK prefers the form of a newer API; a file to import has this one.
// eslint-disable-next-line @typescript-eslint/no-deprecated
type Classic = dashboard.Dashboard;

/** With the kinds of panels that dashboard.json has; another kind needs a line here. */
export type Dashboard = Replaced<
  Json<Classic>,
  {
    panels: (
      | Json<dashboard.RowPanel>
      | Panel<'stat', stat.Options, object>
      | Panel<'timeseries', timeseries.Options, timeseries.FieldConfig>
    )[];
  }
>;
