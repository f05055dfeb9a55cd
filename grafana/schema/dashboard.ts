// What a dashboard here may hold: Grafana's own types, with the options of each kind of panel where Grafana leaves them open.
import type * as common from '@grafana/schema';
import type * as dashboard from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type * as trend from '@grafana/schema/dist/esm/raw/composable/trend/panelcfg/x/TrendPanelCfg_types.gen';

type FieldConfigOf<Custom> = {
  defaults: Omit<dashboard.FieldConfig, 'custom'> & {custom?: Partial<Custom>};
  overrides: dashboard.FieldConfigSource['overrides'];
};

// @grafana/schema has no types of these two data sources' queries; these are the fields that their editors write.
type PostgresQuery = {
  refId: string;
  datasource: {type: 'grafana-postgresql-datasource'; uid: string};
  format: 'table' | 'time_series';
  editorMode: 'code';
  rawQuery: true;
  rawSql: string;
};
type PrometheusQuery = {
  refId: string;
  datasource: {type: 'prometheus'; uid: string};
  editorMode: 'code';
  expr: string;
  legendFormat?: string;
  instant?: boolean;
  range: boolean;
};

type PanelOf<Type extends string, Options, Custom> = Omit<dashboard.Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
  id: number;
  title: string;
  description: string;
  type: Type;
  gridPos: dashboard.GridPos;
  datasource: dashboard.DataSourceRef;
  fieldConfig: FieldConfigOf<Custom>;
  options: Partial<Options>;
  targets: Array<PostgresQuery | PrometheusQuery>;
};

type AnyPanel =
  | PanelOf<'stat', stat.Options, {}>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | PanelOf<'trend', trend.Options, trend.FieldConfig>
  | dashboard.RowPanel;

type AnyAnnotation = Omit<dashboard.AnnotationQuery, 'target'> & {target: PostgresQuery};

export type BanditDashboard = Omit<dashboard.Dashboard, 'panels' | 'annotations' | 'snapshot' | 'id' | 'liveNow' | 'gnetId'> & {
  uid: string;
  title: string;
  description: string;
  schemaVersion: 42;
  annotations: {list: AnyAnnotation[]};
  panels: AnyPanel[];
};
