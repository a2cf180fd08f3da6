/** The imagined district 云湾区 (990100) of the fixture server: places, units and happenings, all made up. */

export const JURISDICTION = '990100'

export const LEVELS = [
  { level: 1, color: 'red', name: { 'zh-Hans': '一级', 'zh-Hant': '一級', en: 'Level 1' } },
  { level: 2, color: 'orange', name: { 'zh-Hans': '二级', 'zh-Hant': '二級', en: 'Level 2' } },
  { level: 3, color: 'yellow', name: { 'zh-Hans': '三级', 'zh-Hant': '三級', en: 'Level 3' } },
  { level: 4, color: 'blue', name: { 'zh-Hans': '四级', 'zh-Hant': '四級', en: 'Level 4' } },
]

export const UNITS = [
  { id: 'housing', name: '区住建局', jurisdiction: JURISDICTION },
  { id: 'water', name: '区水务局', jurisdiction: JURISDICTION },
  { id: 'education', name: '区教育局', jurisdiction: JURISDICTION },
  { id: 'transport', name: '区交通局', jurisdiction: JURISDICTION },
  { id: 'qinglan', name: '青澜街道办', jurisdiction: JURISDICTION },
]

export const PLACES: [code: string, name: string][] = [
  ['990100001', '青澜街道'],
  ['990100002', '望潮街道'],
  ['990100003', '石榴岭街道'],
  ['990100004', '白鹭洲街道'],
  ['990100005', '云湾新城'],
  ['990100006', '松烟镇'],
  ['990100007', '渡口街道'],
]

export interface Happening {
  id: string
  title: string
  domain: string
  places: number[]
  posts: number
  copies: number
  authors: number
  speed: number
  baseline: number
  hoursAgo: number
  negative: number
  level: number | null
  state: string
  unit: string | null
  /** Kind, limit in hours, hours since start, whether met. */
  clocks: [string, number, number, boolean][]
  terms: string[]
  risk: [string, string, number][]
  says: string[]
}

export const HAPPENINGS: Happening[] = [
  {
    id: 'inc-7f3a',
    title: '松烟镇化工园凌晨起火，周边居民闻到刺鼻气味',
    domain: '环境保护',
    places: [5, 2],
    posts: 214,
    copies: 871,
    authors: 633,
    speed: 96,
    baseline: 2.1,
    hoursAgo: 4,
    negative: 0.82,
    level: 1,
    state: 'handling',
    unit: 'qinglan',
    clocks: [
      ['authoritative', 5, 4.2, false],
      ['press-conference', 24, 4.2, false],
      ['internal-report', 1, 3.4, true],
    ],
    terms: ['化工园', '刺鼻', '起火', '浓烟', '撤离', '空气检测'],
    risk: [
      ['fire', '起火', 0.6],
      ['casualties', '受伤', 0.5],
    ],
    says: [
      '松烟镇化工园这边凌晨三点多起火了，烟特别大，空气里全是刺鼻的味道，到底能不能开窗？',
      '住在园区对面，消防车来了十几辆，孩子一直咳嗽。有没有人说一下检测结果？',
      '网传三人受伤，不知道真假，希望官方尽快通报，别让大家自己猜。',
      '已经六个小时了，街道群里只说“在处理”，要不要撤离给个准话。',
    ],
  },
  {
    id: 'inc-21bc',
    title: '望潮街道自来水发黄有异味，多个小区反映',
    domain: '城乡建设',
    places: [1, 3],
    posts: 143,
    copies: 266,
    authors: 187,
    speed: 31,
    baseline: 1.4,
    hoursAgo: 19,
    negative: 0.74,
    level: 2,
    state: 'confirmed',
    unit: 'water',
    clocks: [['answer', 48, 19, false]],
    terms: ['自来水', '发黄', '异味', '水质', '管网'],
    risk: [['food_poisoning', '拉肚子', 0.4]],
    says: [
      '望潮这边自来水放出来是黄的，有铁锈味，烧开了也一样，家里老人不敢喝。',
      '白鹭洲也是！从昨天傍晚开始，物业说是管网改造，一张通知都没贴。',
      '請問水務局，水質檢測報告什麼時候公布？家裡有嬰兒，只能買桶裝水。',
    ],
  },
  {
    id: 'inc-90de',
    title: '云湾新城三期工地夜间施工噪音扰民',
    domain: '城乡建设',
    places: [4],
    posts: 87,
    copies: 102,
    authors: 61,
    speed: 9,
    baseline: 2.8,
    hoursAgo: 40,
    negative: 0.88,
    level: 3,
    state: 'handling',
    unit: 'housing',
    clocks: [['answer', 48, 39.5, false]],
    terms: ['打桩', '夜间施工', '噪音', '睡不着'],
    risk: [],
    says: [
      '云湾新城三期半夜还在打桩，连续五天了，孩子明天要考试，根本睡不着。',
      '打了三次投诉电话，每次来了就停，走了接着干，这叫什么处理？',
    ],
  },
  {
    id: 'inc-5510',
    title: '石榴岭小学午餐后多名学生呕吐，家长要求说明',
    domain: '教育文体',
    places: [2],
    posts: 65,
    copies: 240,
    authors: 148,
    speed: 44,
    baseline: 0.6,
    hoursAgo: 2,
    negative: 0.79,
    level: 2,
    state: 'emerging',
    unit: 'education',
    clocks: [
      ['answer', 48, 1.6, false],
      ['internal-report', 1, 1.6, false],
    ],
    terms: ['午餐', '呕吐', '配餐公司', '留样'],
    risk: [
      ['food_poisoning', '呕吐', 0.6],
      ['minors', '学生', 0.5],
    ],
    says: [
      '石榴岭小学三年级好几个孩子吃完午饭就吐了，老师说在观察，配餐公司到底是哪家？',
      '求助！孩子在医院输液，学校食堂留样有没有封存？',
    ],
  },
  {
    id: 'inc-c4c4',
    title: '渡口街道 12 路公交改线后老人就医不便',
    domain: '交通运输',
    places: [6],
    posts: 41,
    copies: 44,
    authors: 39,
    speed: 3,
    baseline: 1.1,
    hoursAgo: 30,
    negative: 0.55,
    level: 4,
    state: 'answered',
    unit: 'transport',
    clocks: [['answer', 48, 30, true]],
    terms: ['12路', '改线', '区医院', '换乘'],
    risk: [],
    says: ['12 路不到区医院了，我妈七十多岁要换两趟车，能不能留一班早上的？', '建议渡口站加一块换乘示意图，字大一点。'],
  },
  {
    id: 'inc-aa07',
    title: '青澜街道老旧小区加装电梯补贴发放咨询',
    domain: '城乡建设',
    places: [0],
    posts: 33,
    copies: 33,
    authors: 31,
    speed: 2.2,
    baseline: 1.9,
    hoursAgo: 44,
    negative: 0.21,
    level: null,
    state: '',
    unit: null,
    clocks: [],
    terms: ['加装电梯', '补贴', '材料'],
    risk: [],
    says: ['请问加装电梯的补贴什么时候能到账？材料四月就交了。'],
  },
  {
    id: 'inc-e810',
    title: '白鹭洲湿地公园“垃圾成山”旧图被重新转发',
    domain: '环境保护',
    places: [3],
    posts: 18,
    copies: 190,
    authors: 172,
    speed: 21,
    baseline: 0.9,
    hoursAgo: 6,
    negative: 0.66,
    level: 4,
    state: 'confirmed',
    unit: 'qinglan',
    clocks: [['answer', 48, 5.2, false]],
    terms: ['湿地公园', '垃圾', '旧图'],
    risk: [],
    says: ['这张图是三年前的吧？昨天我刚去过，挺干净的。', '白鹭洲湿地公园垃圾成山没人管！转发让大家看看。'],
  },
  {
    id: 'inc-13f9',
    title: '云湾新城物业与业主因停车费纠纷聚集',
    domain: '城乡建设',
    places: [4],
    posts: 52,
    copies: 71,
    authors: 44,
    speed: 12,
    baseline: 1.2,
    hoursAgo: 9,
    negative: 0.71,
    level: 3,
    state: 'confirmed',
    unit: 'housing',
    clocks: [['answer', 48, 8, false]],
    terms: ['停车费', '物业', '业主', '堵门'],
    risk: [['gathering', '聚集', 0.5]],
    says: ['停车费说涨就涨，业主在大门口讨说法，物业经理人都不见。'],
  },
  {
    id: 'inc-77b2',
    title: '松烟镇某鞋厂拖欠工资三个月',
    domain: '劳动和社会保障',
    places: [5],
    posts: 29,
    copies: 36,
    authors: 21,
    speed: 4,
    baseline: 0.4,
    hoursAgo: 26,
    negative: 0.9,
    level: 3,
    state: 'handling',
    unit: 'qinglan',
    clocks: [['answer', 48, 25, false]],
    terms: ['拖欠', '工资', '鞋厂'],
    risk: [['wage_arrears', '拖欠工资', 0.6]],
    says: ['在松烟镇鞋厂干了三个月一分钱没拿到，老板电话打不通，请帮帮我们。'],
  },
]
