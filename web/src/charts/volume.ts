import { BarChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ComposeOption, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { BarSeriesOption } from 'echarts/charts'
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components'
import type { Bucket } from '@/api/types'
import { t } from '@/i18n'
import { clockTime, dateTime } from '@/model/format'

use([BarChart, GridComponent, TooltipComponent, CanvasRenderer])

type Option = ComposeOption<BarSeriesOption | GridComponentOption | TooltipComponentOption>

const SENTIMENTS = ['negative', 'neutral', 'positive'] as const

export function volumeChart(element: HTMLElement): EChartsType {
  return init(element, null, { renderer: 'canvas' })
}

/** Stacked bars per hour in the colours of the current theme. */
export function volumeOption(hours: readonly Bucket[], style: CSSStyleDeclaration): Option {
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const fontSize = 0.75 * parseFloat(style.fontSize)
  const text = { color: token('ink-2'), fontFamily: style.fontFamily, fontSize }
  return {
    animation: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 300,
    grid: { left: 2, right: 2, top: 8, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      // HTML tooltips carry inline styles, which the content security policy refuses.
      renderMode: 'richText',
      axisPointer: { type: 'shadow', shadowStyle: { color: token('edge'), opacity: 0.5 } },
      backgroundColor: token('raised'),
      borderColor: token('edge-strong'),
      textStyle: { ...text, color: token('ink') },
    },
    xAxis: {
      type: 'category',
      data: hours.map((hour) => dateTime(hour.at)),
      axisLabel: {
        ...text,
        interval: 'auto',
        hideOverlap: true,
        formatter: (_: string, i: number) => clockTime(hours[i]!.at),
      },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: token('edge-strong') } },
    },
    yAxis: {
      type: 'value',
      minInterval: 1,
      splitNumber: 3,
      axisLabel: text,
      splitLine: { lineStyle: { color: token('edge') } },
    },
    series: SENTIMENTS.map((kind) => ({
      type: 'bar',
      name: t(`sentiment.${kind}`),
      stack: 'posts',
      barCategoryGap: '22%',
      itemStyle: { color: token(kind) },
      emphasis: { disabled: true },
      data: hours.map((hour) => hour[kind]),
    })),
  }
}
