import { isError } from '../core/formula/values.ts';
import type { Chart, ChartRange, ChartSeries } from '../core/workbook/sheet.ts';

const names =
  'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const [monthAxis, valueAxis] = ['111111111', '222222222'];

/**
 * A native chart (DrawingML, ECMA-376 part 1, 21.2) whose series are live to their cells. A fan is stacked areas, the lowest
 * of them without colour, under lines for median and base case.
 */
export function chartXml(chart: Chart): string {
  const isWaterfall = chart.kind === 'waterfall';
  const areas = chart.series.filter(({ as }) => (as === 'space' && !isWaterfall) || as === 'outer' || as === 'inner');
  const columns = chart.series.filter(({ as }) => as === 'column' || (as === 'space' && isWaterfall));
  const bars = isWaterfall
    ? { grouping: 'stacked', gap: '<c:gapWidth val="40"/><c:overlap val="100"/>' }
    : { grouping: 'clustered', gap: '<c:gapWidth val="60"/>' };
  const lines = chart.series.filter(({ as }) => as === 'line' || as === 'middle');
  const axes = `<c:axId val="${monthAxis}"/><c:axId val="${valueAxis}"/>`;
  const order = new Map(chart.series.map((series, i) => [series, i]));
  const write = (series: ChartSeries): string => seriesXml(series, order.get(series) ?? 0, chart);
  const plots = [
    areas.length > 0
      ? `<c:areaChart><c:grouping val="stacked"/><c:varyColors val="0"/>${areas.map(write).join('')}${axes}</c:areaChart>`
      : '',
    columns.length > 0
      ? `<c:barChart><c:barDir val="col"/><c:grouping val="${bars.grouping}"/><c:varyColors val="0"/>${columns.map(write).join('')}${bars.gap}${axes}</c:barChart>`
      : '',
    lines.length > 0
      ? `<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>${lines.map(write).join('')}<c:marker val="1"/>${axes}</c:lineChart>`
      : '',
  ];
  const hidden = chart.series
    .filter(({ as }) => as === 'space')
    .map((series) => `<c:legendEntry><c:idx val="${order.get(series)}"/><c:delete val="1"/></c:legendEntry>`);
  return (
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<c:chartSpace ${names}><c:roundedCorners val="0"/><c:chart>` +
    `<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz="1200" b="1"/></a:pPr><a:r><a:rPr lang="en" sz="1200" b="1"/><a:t>${escapeXml(chart.title)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>` +
    `<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>${plots.join('')}${axesXml(chart, columns.length > 0)}</c:plotArea>` +
    `<c:legend><c:legendPos val="b"/>${hidden.join('')}<c:overlay val="0"/>${textXml(900)}</c:legend><c:plotVisOnly val="0"/><c:dispBlanksAs val="gap"/></c:chart>` +
    '<c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill><a:ln w="6350"><a:solidFill><a:srgbClr val="D9D9D9"/></a:solidFill></a:ln></c:spPr></c:chartSpace>'
  );
}

/** Text as XML holds it, in content and in attributes. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function seriesXml({ name, range, as, colour }: ChartSeries, index: number, { months, kind }: Chart): string {
  const label = `<c:tx><c:v>${escapeXml(name)}</c:v></c:tx>`;
  const data = `<c:cat>${kind === 'waterfall' ? namesXml(months) : rangeXml(months, 'mmm yyyy')}</c:cat><c:val>${rangeXml(range, 'General')}</c:val>`;
  const head = `<c:idx val="${index}"/><c:order val="${index}"/>${label}`;
  const fill = `<a:solidFill><a:srgbClr val="${colour}"/></a:solidFill>`;
  const noLine = '<a:ln><a:noFill/></a:ln>';
  switch (as) {
    case 'space':
      return `<c:ser>${head}<c:spPr><a:noFill/>${noLine}</c:spPr>${kind === 'waterfall' ? '<c:invertIfNegative val="0"/>' : ''}${data}</c:ser>`;
    case 'outer':
    case 'inner':
      return `<c:ser>${head}<c:spPr>${fill}${noLine}</c:spPr>${data}</c:ser>`;
    case 'column':
      return `<c:ser>${head}<c:spPr>${fill}${noLine}</c:spPr><c:invertIfNegative val="0"/>${data}</c:ser>`;
    case 'line':
    case 'middle':
      return `<c:ser>${head}<c:spPr><a:ln w="22225" cap="rnd">${fill}<a:round/></a:ln></c:spPr><c:marker><c:symbol val="${months.values.length === 1 ? 'circle' : 'none'}"/></c:marker>${data}<c:smooth val="0"/></c:ser>`;
  }
}

function rangeXml({ reference, values }: ChartRange, format: string): string {
  const points = values.flatMap((value, i) =>
    typeof value === 'string' || isError(value) ? [] : [`<c:pt idx="${i}"><c:v>${value.toNumber()}</c:v></c:pt>`],
  );
  return `<c:numRef><c:f>${escapeXml(reference)}</c:f><c:numCache><c:formatCode>${format}</c:formatCode><c:ptCount val="${values.length}"/>${points.join('')}</c:numCache></c:numRef>`;
}

function namesXml({ reference, values }: ChartRange): string {
  const points = values.map((value, i) => `<c:pt idx="${i}"><c:v>${escapeXml(String(value))}</c:v></c:pt>`);
  return `<c:strRef><c:f>${escapeXml(reference)}</c:f><c:strCache><c:ptCount val="${values.length}"/>${points.join('')}</c:strCache></c:strRef>`;
}

function axesXml({ valueFormat, months, kind }: Chart, between: boolean): string {
  const every = Math.max(1, Math.ceil(months.values.length / 12));
  const grid =
    '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="E7E6E6"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>';
  const steps =
    `<c:catAx><c:axId val="${monthAxis}"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="b"/>` +
    `<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>${textXml(900)}` +
    `<c:crossAx val="${valueAxis}"/><c:crosses val="autoZero"/><c:auto val="1"/><c:lblAlgn val="ctr"/><c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/></c:catAx>`;
  const dates =
    `<c:dateAx><c:axId val="${monthAxis}"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="b"/>` +
    `<c:numFmt formatCode="mmm yy" sourceLinked="0"/><c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>${textXml(900)}` +
    `<c:crossAx val="${valueAxis}"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblOffset val="100"/><c:baseTimeUnit val="months"/><c:majorUnit val="${every}"/><c:majorTimeUnit val="months"/></c:dateAx>`;
  return (
    (kind === 'waterfall' ? steps : dates) +
    `<c:valAx><c:axId val="${valueAxis}"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="l"/>${grid}` +
    `<c:numFmt formatCode="${escapeXml(valueFormat)}" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>${textXml(900)}` +
    `<c:crossAx val="${monthAxis}"/><c:crosses val="autoZero"/><c:crossBetween val="${between ? 'between' : 'midCat'}"/></c:valAx>`
  );
}

function textXml(size: number): string {
  return `<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="${size}"/></a:pPr><a:endParaRPr lang="en"/></a:p></c:txPr>`;
}
