# 程序在终端里显示的文字。
program-failed = 同心已停止：{ $error }
program-serving = 同心的网址是 { $address }
program-stop = 按 Ctrl-C 停止。
program-no-community = 数据库里还没有社区。请用 `tongxin import 文件夹` 导入，或用 `tongxin demo` 看示例社区。
program-migrated = { $ran ->
    [0] 数据表已是最新。
   *[other] 数据表已更新 { $ran } 步。
}
program-chain-good = 已核验 { $records } 条记录，均未被改动。最后一条的校验值是 { $hash }
program-chain-broken = 第 { $seq } 条记录被改动过，或它之前缺了记录。
program-demo-making = 正在 { $data } 建立示例社区……
program-demo-kept = { $data } 里已有社区，保持原样。
program-demo-accounts = 密码都是 { $password }，可用以下账号登录：
program-role-resident = 居民
program-role-unit = 单位经办人
program-role-worker = 居民区社工
program-role-secretary = 居民区书记
program-role-staff = 街道工作人员
program-no-folder = { $dir } 不是文件夹。
program-import-no-community = 文件夹里没有 community.toml，写法请看 samples/jingan-temple。
program-import-there = 数据库里已有社区 { $community }，什么也没有导入。
program-import-refused = 共 { $problems } 处问题，什么也没有导入。
program-imported = 已导入 { $community }。
program-import-checked = { $community }：没有发现问题。
