//! `gouxuan demo`: the main job on this machine, with a simulated bureau in the same process.

use super::{Outcome, print};
use crate::{
    chance::{RealChance, WallClock},
    config::Config,
    telemetry::Telemetry,
    wiring,
};
use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use domain::{
    ids::TaskId, invoice::Selection, period::date_in_shanghai, task::StateName, world::World,
};
use fleet::ports::{
    Store, StoreError,
    archive::{TaskFilter, TaskRow},
    bus::Parcel,
    clock::{Chance, Clock},
};
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;
use std::{
    collections::{BTreeMap, HashSet},
    net::Ipv4Addr,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const WORLD: &str = include_str!("../demo/world.json");
const TASKS: &str = include_str!("../demo/tasks.ndjson");
/// Selected by hand on the bureau's own site.
const SELECTED_ELSEWHERE: [&str; 2] = ["24442000000000000050", "24442000000000000051"];
/// How often the progress bar looks.
const LOOK: Duration = Duration::from_millis(200);

pub(super) async fn run(
    mut config: Config,
    keep: bool,
    json: bool,
    telemetry: &Telemetry,
) -> Outcome {
    let mut world = World::parse(WORLD.as_bytes())?;
    world.fill_defaults(date_in_shanghai(WallClock.now()));
    let listener = wiring::listen((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let bureau =
        simulator::serve(listener, as_the_bureau_knows(&world), simulator::Options::default())?;
    let folder = DemoFolder::new()?;
    config.data_dir.clone_from(&folder.0);
    config.database_url = SecretString::from("");
    config.amqp_url = SecretString::from("");
    config.redis_url = SecretString::from("");
    config.etax_url = bureau.url();
    config.leqi_url = bureau.url();
    config.switch.quiet_after_s = 0;
    config.leqi.quiet_s = config.leqi.quiet_s.min(5);

    // Before anything is shown: an address that is taken must not be found out at the end.
    let console = if keep { Some(wiring::listen(config.listen).await?) } else { None };
    let wired = wiring::wire(&config).await?;
    wired.ports.store.import(&world, config.leqi.width).await?;
    let stop = CancellationToken::new();
    let (ports, ending) = (wired.ports.clone(), stop.clone());
    let settings = config.clone();
    let working = tokio::spawn(async move { super::serve::work(&settings, &ports, ending).await });
    let tasks = sample_tasks()?;
    let sample: HashSet<TaskId> = tasks.iter().map(|(id, _)| *id).collect();
    let tasks = tasks.into_iter().map(|(_, task)| task).collect();
    for result in wired.ports.post.send(tasks).await {
        result?;
    }
    let store = wired.ports.store.clone();
    let rows = watch(&*store, &sample, json).await?;
    show(&rows, json)?;
    if let Some(listener) = console {
        let router = console::router(super::serve::site(&config, &wired.opened, telemetry));
        let address = listener.local_addr()?;
        print(&format!("console at http://{address}/, until Ctrl-C"))?;
        console::serve(listener, router, super::serve::asked_to_stop()).await?;
    }
    stop.cancel();
    working.await??;
    Ok(())
}

/// The bureau's truth: these invoices were selected on its own site, which our pool does not know
/// yet. Selecting them is answered with 06, and reading their use makes the pool right.
fn as_the_bureau_knows(world: &World) -> World {
    let mut truth = world.clone();
    for invoice in &mut truth.invoices {
        if SELECTED_ELSEWHERE.contains(&invoice.invoice_no.as_str()) {
            invoice.selection = Some(Selection::Selected);
        }
    }
    truth
}

/// A folder of its own, gone with the demo.
struct DemoFolder(std::path::PathBuf);

impl DemoFolder {
    fn new() -> std::io::Result<DemoFolder> {
        let name = format!("gouxuan-demo-{}", RealChance.id(WallClock.now()));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(DemoFolder(path))
    }
}

impl Drop for DemoFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the demo's folder is left");
        }
    }
}

/// The sample batch, each line with a fresh id.
fn sample_tasks() -> Result<Vec<(TaskId, Parcel)>, serde_json::Error> {
    let lines = TASKS.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut task: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line)?;
            let id = RealChance.id(WallClock.now());
            task.insert("task_id".into(), id.to_string().into());
            let body = serde_json::to_string(&task)?.into();
            let message_id = id.to_string();
            Ok((TaskId(id), Parcel::Task { body, message_id, lane: None, traceparent: None }))
        })
        .collect()
}

/// Waits until the sample has ended; its rows. What follows from its tasks is not waited for.
async fn watch(
    store: &dyn Store,
    sample: &HashSet<TaskId>,
    json: bool,
) -> Result<Vec<TaskRow>, StoreError> {
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(sample.len() as u64) };
    let style = "{bar:40} {pos}/{len} 任务  {msg}  {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let mut tick = tokio::time::interval(LOOK);
    loop {
        tick.tick().await;
        // A task has one child at most.
        let mut rows = store.list(&TaskFilter::default(), None, 2 * sample.len()).await?;
        rows.retain(|row| sample.contains(&row.task_id));
        let mut open: BTreeMap<StateName, usize> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.state.is_final()) {
            *open.entry(row.state).or_default() += 1;
        }
        let over = rows.len() - open.values().sum::<usize>();
        bar.set_position(over as u64);
        let open = open.iter().map(|(state, n)| format!("{state} {n}")).collect::<Vec<_>>();
        bar.set_message(open.join(", "));
        if over == sample.len() {
            bar.finish();
            return Ok(rows);
        }
    }
}

fn show(rows: &[TaskRow], json: bool) -> Outcome {
    let mut rows: Vec<&TaskRow> = rows.iter().collect();
    rows.sort_by_key(|row| (row.tax_no.clone(), row.started_at, row.task_id));
    if json {
        for row in rows {
            print(&serde_json::to_string(row)?)?;
        }
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["税号", "任务", "账号", "状态", "发票", "用时", "说明"]);
    for row in &rows {
        table.add_row(cells(row));
    }
    print(&table.to_string())?;
    let mut counts: BTreeMap<StateName, usize> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.state).or_default() += 1;
    }
    let done = counts.get(&StateName::Done).copied().unwrap_or_default();
    print(&format!("{} 个任务：处理成功 {done}，处理失败 {}", rows.len(), rows.len() - done))
}

fn cells(row: &TaskRow) -> [String; 7] {
    let lane = match (&row.bureau, &row.account) {
        (Some(bureau), Some(account)) if account.is_leqi() => format!("{} 乐企", bureau.name()),
        (Some(bureau), Some(account)) => format!("{} {account}", bureau.name()),
        (Some(bureau), None) => bureau.name().to_owned(),
        _ => String::new(),
    };
    let invoices = match row.invoices_total {
        0 => String::new(),
        total => format!("{}/{total}", row.invoices_succeeded),
    };
    let took = row.started_at.zip(row.finished_at).map(|(from, to)| (to - from).as_seconds_f64());
    let took = took.map_or_else(String::new, |seconds| format!("{seconds:.1} 秒"));
    let state = row.shown_state.label().to_owned();
    [
        row.tax_no.to_string(),
        row.kind.label().to_owned(),
        lane,
        state,
        invoices,
        took,
        row.reason.clone(),
    ]
}
