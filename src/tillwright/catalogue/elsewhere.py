"""What people say that is none of our faults: leave, wages, the weather, the fridge, where to find a report.

Words alone do not tell a fault from small talk: 'how long until', 'this month' and 'is broken' stand in both.
So the search weighs a text against such sentences too; where they account for it as well as the best entry
does, the entry is no evidence. They are examples, not a list of what is refused: what counts is the words
that they share with others of their kind.
"""

from __future__ import annotations

_ENGLISH = """
what time do we close | who is on duty tonight | I have a stomach ache and want to go home |
can I have Monday off | where is the guard | can I get an advance on my wages |
we are out of bread rolls | what is on offer this week | order more mineral water |
how many boxes are in the store room | where do we keep the wine |
a customer asks the way to the station | it is raining hard | where can I park |
I lost the key of my locker | no toilet paper left | the air conditioner drips |
the fridge does not cool | the shop sign is dark | the bins are full |
a customer slipped on the wet floor | a customer lost her purse | a drunk man makes trouble |
swap shifts with Anna | next week's roster | how long is the trial period | gold price today |
what is for dinner | order lunch for the team | I need an apron in size L |
new price tags for the milk shelf | lots of fruit has gone bad | are the chickens done |
the microwave stays cold | the tea machine is broken | the delivery van is late |
the vegetables have not come | who gets the order for the warehouse | customer wants home delivery |
make a loyalty card for a customer | how many points has the customer | the free gifts are gone |
how long is the guarantee of the kettle | how do I write my notice | when is the team meeting |
change my facebook password | the copier is out of toner | where can I scan a paper |
how do I mail a customer | the time clock is broken | the camera picture is blurred |
the loudspeaker is silent | play some music in the shop | the escalator has stopped |
the car park is full | no water in the kitchen | traffic jam, I will be late | air for my tyres |
how much is a car wash | oil change for my bike | price of petrol today | the tanker is not here yet |
somebody smokes on the forecourt | when is the fire inspection | a customer praises our agent |
script for calling new customers | sales target this month | how is commission counted |
list of leads | customer wants a call back tomorrow | where do I see the sales report |
how do I change a price | customer wants an invoice for the company | switch the screen to English |
how do I add a new dish | how do I make a promotion | opening hours on holidays | the chair is broken |
the glass door is cracked | call an electrician | who cleans today | my phone is out of battery |
mice in the pantry | the bus did not come | how many days of leave does Tom have |
when is the bonus paid | is the boss in today | the lift does not move | the office printer is noisy |
word does not open my document | no sound on my laptop | who lost a pair of gloves |
a child cries in aisle three | a mother looks for her son | when do the new ones get trained |
umbrella left in the back room | forgot the password of my mail | light bulb in the toilet is gone |
time sheets for this month | sign my leave please | uniform too small | snow on the steps |
slippery at the entrance | radiators are cold | draught from the window | the door squeaks |
who waters the flowers | the washing machine does not spin | tv in the waiting room is dark |
car wash is closed | ice cream has melted | the fish smells | customer is allergic to nuts |
where is the sugar | do you have bananas | how much is a bag | until when is the pharmacy open |
where is the toilet | the porter did not come | somebody dropped a pallet | write off broken bottles |
expired yoghurt on the shelf | stock taking on Saturday | driver forgot his licence at home |
car inspection is due | when do we sign the work contract | the roof is being mended | call a plumber |
when is the match | the boss has a birthday | order business cards | translate a letter for me |
old advertisement on the web site | the forklift has a flat tyre | how to brew green tea
"""
_VIETNAMESE = """
mấy giờ hết ca | em bị đau bụng xin về sớm | mai em đi học xin nghỉ buổi sáng | bảo vệ đâu rồi |
ai trực tối nay | cho em ứng lương trước | bánh mì hết chưa | hàng khuyến mãi tuần này là gì |
nhập thêm nước suối | kho còn bao nhiêu thùng mì | quầy rượu để ở đâu | khách hỏi đường ra bến xe |
trời mưa to quá | xe máy em để đâu | chìa khóa tủ đồ em mất rồi | nhà vệ sinh hết giấy |
máy lạnh chảy nước | tủ mát không lạnh | đèn ngoài bảng hiệu tắt | thùng rác đầy rồi |
sàn nhà trơn khách té | khách làm rơi ví | có khách xỉn quậy | đổi ca với chị Hoa được không |
lịch làm tuần sau | em mới vào thử việc mấy tháng | bảo hiểm xã hội làm ở đâu | giá vàng hôm nay |
tối nay ăn gì | đặt cơm trưa cho cả nhóm | áo đồng phục size L | dán tem giá lại kệ sữa |
trái cây hư nhiều quá | gà rán chín chưa | lò vi sóng không nóng | máy pha trà sữa hư |
xe giao hàng tới trễ | nhà cung cấp chưa giao rau | đơn đặt hàng kho gửi cho ai |
khách muốn giao tận nhà | làm thẻ thành viên cho khách | điểm tích lũy của khách bao nhiêu |
quà tặng kèm hết rồi | khách hỏi bảo hành tủ lạnh | xin giấy giới thiệu | viết đơn xin nghỉ việc |
hôm nay ai làm quản lý | họp giao ban mấy giờ | đổi mật khẩu facebook | cài zalo cho máy tính |
in hình lên áo | máy photocopy hết mực | scan giấy tờ ở đâu | gửi email cho khách sao |
font chữ trong word | máy chấm công hỏng | camera quay không rõ mặt | loa thông báo không kêu |
bật nhạc trong cửa hàng | thang cuốn ngừng chạy | bãi giữ xe đầy | nước sinh hoạt bị cúp |
hẻm ngập không đi được | bơm bánh xe | rửa xe bao nhiêu tiền | thay nhớt xe máy |
xăng hôm nay giá bao nhiêu | đổ xăng xong có cần khăn lau | bồn xăng sắp cạn gọi xe bồn |
xe bồn tới chưa | vòi xăng bị gãy tay cầm | khách hút thuốc trong trạm | pccc kiểm tra khi nào |
khách gọi khen tư vấn viên | kịch bản gọi khách hàng mới | chỉ tiêu doanh số tháng này |
hoa hồng sale tính sao | danh sách khách hàng tiềm năng | khách hẹn gọi lại chiều mai |
tai nghe mới mua ở đâu | xem báo cáo bán hàng ở đâu | cách đổi giá bán một món |
xuất hóa đơn VAT cho công ty khách | chuyển giao diện qua tiếng Anh | cách thêm món mới vào thực đơn |
tạo chương trình khuyến mãi | khách muốn mua trả góp | đổi hình nền máy tính | tải ứng dụng ở đâu |
hướng dẫn sử dụng để đâu | khách xin số điện thoại cửa hàng | giờ mở cửa ngày lễ | nghỉ tết mấy ngày |
lương tháng mười ba | thưởng cuối năm bao nhiêu | tăng ca tính tiền sao | em bị cảm xin nghỉ |
chấm công tuần này | nhân viên hay đi trễ | khách chê hàng dở | khách đợi lâu phàn nàn |
sữa gần hết hạn để đâu | hàng sắp hết trên kệ | kiểm kê kho thứ bảy | trả vỏ chai bia |
túi giấy hết rồi | đặt thêm ly nhựa | con nít khóc trong tiệm | chó chạy vào cửa hàng |
kiến bò vào kệ bánh | mùi hôi trong kho | quạt không quay | bàn ghế gãy | cửa kính bể |
khóa cửa kho kẹt | ổ khóa hư | bóng đèn cháy | máy bơm nước hư | ống nước nhà bếp nghẹt |
xe đạp bị mất trước cửa | kẹt xe tới trễ | nhớ mua cà phê | sinh nhật sếp ngày nào |
bóng đá tối nay mấy giờ | điện thoại em hết pin | màn hình điện thoại bể | tai nghe điện thoại hư |
máy giặt không vắt | nồi cơm điện nấu không chín | tivi trong phòng chờ không lên hình |
máy đếm tiền kêu | tủ lạnh kêu to | cân sức khỏe ở đâu | trạm sạc xe điện có không |
đăng kiểm xe hết hạn | bằng lái hết hạn | hợp đồng lao động ký khi nào | đơn vị thi công sửa mái |
gọi thợ điện | gọi thợ sửa ống nước | ai dọn vệ sinh hôm nay
"""
_RUSSIAN = """
во сколько закрываемся | кто сегодня дежурит | болит живот, хочу домой | можно выходной в понедельник |
где охранник | можно аванс | булочки кончились | какие акции на этой неделе | закажите минералку |
сколько коробок на складе | где стоит вино | покупатель спрашивает дорогу на вокзал | сильный дождь |
где поставить машину | потеряла ключ от шкафчика | нет туалетной бумаги | кондиционер капает |
холодильник не морозит | вывеска не горит | мусор не вынесли | покупатель поскользнулся |
покупательница забыла кошелёк | пьяный скандалит | поменяться сменами с Аней |
график на следующую неделю | сколько длится испытательный срок | курс доллара сегодня | что на ужин |
заказать обед на всех | нужен фартук побольше | новые ценники на молоко | много гнилых яблок |
готовы ли куры гриль | микроволновка не греет | чайник сломался | машина с товаром опаздывает |
овощи не привезли | кому отдать заявку на склад | покупатель просит доставку на дом |
оформить карту лояльности | сколько бонусов у покупателя | подарки по акции кончились |
гарантия на утюг | как написать заявление на увольнение | когда планёрка | сменить пароль в контакте |
в копире кончился тонер | где отсканировать документ | как написать клиенту письмо |
не работает турникет | камера показывает мутно | громкоговоритель молчит | включите музыку в зале |
эскалатор встал | парковка забита | нет воды на кухне | стою в пробке | подкачать колёса |
сколько стоит мойка | замена масла | почём бензин | бензовоз ещё не приехал | курят на заправке |
когда придут пожарные с проверкой | клиент хвалит оператора | скрипт разговора с новым клиентом |
план продаж на месяц | как считают премию | список потенциальных клиентов |
клиент просит перезвонить завтра | где посмотреть отчёт по продажам | как поменять цену |
покупателю нужна счёт-фактура | переключить экран на английский | как добавить новое блюдо |
как сделать акцию | часы работы в праздники | стул сломан | разбилась стеклянная дверь |
вызвать электрика | кто сегодня моет пол | телефон разрядился | мыши в кладовке | автобус не пришёл |
сколько дней отпуска осталось у Оли | когда премия | начальник сегодня будет | лифт не едет |
принтер в бухгалтерии шумит | ворд не открывает документ | в ноутбуке нет звука |
клавиатура дома сломалась | кто потерял перчатки | ребёнок плачет в зале | мама ищет сына |
когда общее собрание | когда обучение новеньких | зонт остался в подсобке | забыл пароль от госуслуг |
страницу магазина в инстаграме не обновляют | лампочка перегорела в туалете |
табель за месяц кому сдать | подпишите мне отпуск | форма не подошла по размеру | снег надо чистить |
скользко на крыльце | батареи холодные | дует из окна | запах газа в зале нет | окно не закрывается |
дверь скрипит | звонок на двери не звенит | цветы полить | стиральная машина не отжимает |
телевизор в зале ожидания не показывает | автомойка закрыта | кофе закончился в автомате |
мороженое растаяло | рыба несвежая | хлеб чёрствый | у покупателя аллергия на орехи |
покупатель спрашивает состав колбасы | где сахар | есть ли у вас бананы | сколько стоит пакет |
до скольки работает аптека | как пройти в туалет | грузчик не вышел | поддон уронили |
бой товара списать | просрочка на полке | инвентаризация в субботу | водитель забыл права |
техосмотр машины кончился | трудовой договор когда подпишем | крышу чинят | вызвать сантехника |
футбол во сколько | у шефа день рождения | визитки заказать | открытку клиенту написать |
перевести письмо | реклама на сайте старая
"""
_CHINESE = """
几点开门 | 今天谁值班 | 我肚子疼先走了 | 明天请假半天 | 保安去哪了 | 能预支工资吗 | 面包卖完了 |
这周促销什么 | 矿泉水要补货 | 仓库还有几箱方便面 | 白酒在哪个货架 | 客人问去车站怎么走 | 下大雨了 |
电动车停哪 | 储物柜钥匙丢了 | 厕所没纸了 | 空调滴水 | 冰箱不制冷 | 招牌灯不亮 | 垃圾满了 |
地滑客人摔倒了 | 客人钱包掉了 | 有人喝醉闹事 | 跟小王换班行吗 | 下周排班表 | 试用期几个月 |
社保在哪交 | 今天金价多少 | 晚上吃什么 | 帮大家订午饭 | 工装要大号 | 牛奶货架换价签 | 水果烂了好多 |
炸鸡好了没 | 奶茶机坏了 | 送货车晚点 | 菜还没送来 | 订货单发给谁 | 客人要送货上门 | 给客人办会员卡 |
客人有多少积分 | 赠品没有了 | 冰箱保修多久 | 开个介绍信 | 辞职信怎么写 | 今天经理是谁 | 早会几点 |
改微信密码 | 电脑装个微信 | 复印机没墨了 | 哪里能扫描文件 | 怎么给客户发邮件 | 打卡机坏了 |
摄像头看不清 | 广播没声音 | 店里放点音乐 | 扶梯停了 | 停车场满了 | 停水了 | 路口堵车 | 轮胎打气 |
洗车多少钱 | 换机油 | 今天油价多少 | 加完油要擦车吗 | 油罐快空了叫油罐车 | 油罐车到了没 |
油枪把手断了 | 有人在站里抽烟 | 消防什么时候检查 | 客户表扬客服 | 新的话术模板 | 这个月业绩指标 |
销售提成怎么算 | 潜在客户名单 | 客户约明天下午回电 | 耳机在哪买 | 快递丢了 | 雨伞借一把 |
孩子找不到妈妈 | 销售报表在哪看 | 商品价格在哪改 | 客人要开专用发票 | 界面换成英文 | 怎么加新菜品 |
怎么做促销活动 | 客人想分期付款 | 换电脑壁纸 | 应用在哪下载 | 使用说明书在哪 | 客人要店里电话 |
节假日几点营业 | 过年放几天假 | 加班费怎么算 | 年底奖金多少 | 我感冒了想请假 | 这周考勤 | 员工老迟到 |
客人说东西不好吃 | 客人等太久抱怨 | 快过期的牛奶放哪 | 货架上快没货了 | 周六盘点仓库 | 空瓶子退不退 |
纸袋没有了 | 塑料杯要订 | 小孩在店里哭 | 狗跑进店里了 | 蚂蚁爬到面包架 | 仓库有异味 | 风扇不转 |
椅子断了 | 玻璃门碎了 | 仓库门锁卡住 | 灯泡烧了 | 水泵坏了 | 厨房下水道堵了 | 自行车被偷了 |
堵车要迟到 | 记得买咖啡 | 老板生日哪天 | 今晚球赛几点 | 我手机没电了 | 手机屏幕碎了 | 洗衣机不脱水 |
电饭锅煮不熟 | 休息室电视没画面 | 验钞机老响 | 冰柜声音大 | 有没有充电桩 | 车子年检过期 | 驾照到期了 |
劳动合同什么时候签 | 修屋顶的来了没 | 找个电工 | 找个水管工 | 今天谁打扫 | 门票多少钱 | 牙疼想看医生 |
裙子有没有小号
"""

ELSEWHERE: tuple[tuple[str, ...], ...] = tuple(
    tuple(" ".join(sentence.split()) for sentence in text.split("|"))
    for text in (_ENGLISH, _VIETNAMESE, _RUSSIAN, _CHINESE)
)
"""The sentences of each language."""
