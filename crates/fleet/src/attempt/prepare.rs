//! Before anything is sent: rules, login and tax number, statistic state.

use super::{Attempt, End, Step};
use crate::{
    meter::label,
    ports::{
        log::{SwitchNote, SwitchRequest, Throttle, Verdict},
        roster::SessionReport,
    },
    sentences,
};
use domain::{
    Moment,
    answer::{Answer, PeriodFacts, ThrottleScope},
    invoice::TaskInvoice,
    period::TaxPeriod,
    retry::Again,
    rules,
    statistic::{StatisticReading, StatisticState},
    task::StateName,
    taxpayer::{ChannelKind, Session},
};
use std::time::Duration;

impl Attempt<'_> {
    /// Rules 1 to 2.6, made again when the task's turn comes: things may have changed since.
    pub(super) async fn check_rules(&mut self) -> Step<()> {
        self.unless_draining()?;
        if self.heeds_statistic_table() {
            self.cached = self.cached_statistic().await;
        }
        self.obey_rules(self.cached.map(|reading| reading.state))
    }

    /// Selections and their undoing: a generated table locks them.
    fn heeds_statistic_table(&self) -> bool {
        let kind = self.work.message.kind;
        kind.action().is_some() && kind.traits().needs_lane
    }

    fn obey_rules(&mut self, statistic: Option<StatisticState>) -> Step<()> {
        let message = &self.work.message;
        let request = rules::Request {
            kind: message.kind,
            tax_no: &message.tax_no,
            taxpayer: Some(&self.work.taxpayer),
            invoices: &message.invoices,
            pool: &self.work.pool,
            statistic,
            period: self.order.period,
        };
        match rules::check(&request, self.context.settings.rules) {
            Err(refusal) => Err(self.refuse(refusal).into()),
            Ok(left_out) => {
                let stays = |invoice: &TaskInvoice| {
                    !left_out.iter().any(|line| line.invoice == invoice.key)
                };
                self.order.invoices.retain(stays);
                self.left_out = left_out;
                Ok(())
            }
        }
    }

    fn refuse(&self, refusal: rules::Refusal) -> Verdict {
        Verdict::Final {
            state: StateName::Refused,
            lines: refusal.lines(&self.work.message.invoices),
            reason: refusal.sentence,
            pool: Vec::new(),
            statistic: None,
            unknown: false,
        }
    }

    /// The cached state of the current period, or of the one that the message names while nobody
    /// knows the current one; an older one than the last statistic operation,
    /// or a cache that is away, counts as none.
    async fn cached_statistic(&self) -> Option<StatisticReading> {
        let period = self.work.taxpayer.period.or(self.work.message.tax_period)?;
        let tax_no = &self.work.message.tax_no;
        match self.context.ports.statistics.get(tax_no, period).await {
            Ok(reading) => reading.filter(|r| r.order >= self.work.taxpayer.statistic_order),
            Err(error) => {
                self.cache_away(&error.to_string());
                None
            }
        }
    }

    fn cache_away(&self, error: &str) {
        tracing::warn!(error, "the statistic cache is away; the bureau is asked instead");
        self.context.meter.statistic_cache_away.add(1, &[]);
    }

    /// Rules 5 to 7: the bureau is asked once per submission of a tax number.
    pub(super) async fn check_statistic_table(&mut self) -> Step<()> {
        if !self.heeds_statistic_table() {
            return Ok(());
        }
        self.unless_draining()?;
        let now = self.context.ports.clock.now();
        // Read when this attempt began: who holds the tax number is the only one to change it.
        let state = match self.cached {
            Some(reading) if self.counts_for_this_submission(&reading, now) => reading.state,
            _ => self.ask_statistic_state(now).await?,
        };
        self.obey_rules(Some(state))
    }

    /// A reading of a period that the message only names may be of another than the current one.
    fn counts_for_this_submission(&self, reading: &StatisticReading, now: Moment) -> bool {
        if self.order.period.is_none() {
            return false;
        }
        let reuse = self.context.settings.statistics_reuse;
        let reused = reuse > Duration::ZERO && reading.asked_at + reuse > now;
        reused || reading.asked_at >= self.work.submitted_at
    }

    pub(super) async fn ask_statistic_state(&mut self, asked_at: Moment) -> Step<StatisticState> {
        let call = self.call();
        let channel = self.context.ports.channel(self.work.channel);
        let mut tries = 0;
        let facts: PeriodFacts = loop {
            self.context.meter.statistic_asked.add(1, &label("channel", self.work.channel.name()));
            match self.while_held(channel.period(&call)).await? {
                Ok(facts) => break facts,
                Err(Answer::Faltered { sentence }) => {
                    tries += 1;
                    let chance = self.context.ports.chance.unit();
                    match self.context.settings.limits.statistic_again(tries, chance) {
                        Again::After(delay) if self.pause(delay).await? => {}
                        Again::After(after) | Again::PutOff(after) => {
                            self.doubt_number().await?;
                            return Err(self.not_now(after, sentence).into());
                        }
                    }
                }
                Err(answer) => return Err(self.not_sent(answer).await),
            }
        };
        self.keep_statistic(facts.period, facts.statistic, asked_at).await;
        self.see_period(facts.period);
        self.order.period = self.work.message.period(Some(facts.period));
        Ok(facts.statistic)
    }

    /// The bureau says which period is current.
    pub(super) fn see_period(&mut self, period: TaxPeriod) {
        self.period = Some(period).filter(|_| self.work.taxpayer.period != Some(period));
    }

    /// Puts a reading into the cache, under this attempt's fence.
    pub(super) async fn keep_statistic(
        &self,
        period: TaxPeriod,
        state: StatisticState,
        asked_at: Moment,
    ) {
        let reading = StatisticReading { state, asked_at, order: self.work.fence };
        let tax_no = &self.work.message.tax_no;
        if let Err(error) = self.context.ports.statistics.put(tax_no, period, reading).await {
            self.cache_away(&error.to_string());
        }
    }

    /// The account is on line and on this tax number; both only by the holder of the lane's key.
    pub(super) async fn be_logged_in(&mut self) -> Step<()> {
        let (ChannelKind::Etax, Some(session)) = (self.work.channel, self.work.session) else {
            return Ok(());
        };
        if self.ready {
            return Ok(());
        }
        self.unless_draining()?;
        let mut current = self.work.current_tax;
        if !session.online {
            self.log_in(session).await?;
            current = None;
        }
        if current != Some(self.work.tax) {
            self.be_on_tax_number(current.is_none()).await?;
        }
        self.ready = true;
        Ok(())
    }

    async fn log_in(&mut self, session: Session) -> Step<()> {
        let call = self.call();
        let seen_at = self.context.ports.clock.now();
        match self.while_held(self.context.ports.etax.log_in(&call)).await? {
            Answer::Succeeded(_) => {}
            Answer::Refused { sentence, .. } => {
                return Err(self.park(session, true, sentence).await);
            }
            answer => return Err(self.not_sent(answer).await),
        }
        let report = SessionReport {
            lane: self.work.lane_key.clone(),
            online: true,
            seen_at,
            epoch: Some(session.epoch),
            until: None,
            note: None,
        };
        let noted = self.context.ports.store.session_changed(&report).await;
        self.epoch = Some(self.store(noted)?.epoch);
        Ok(())
    }

    async fn be_on_tax_number(&mut self, unknown: bool) -> Step<()> {
        let call = self.call();
        let etax = &self.context.ports.etax;
        if unknown {
            match self.while_held(etax.current_tax_number(&call)).await? {
                Ok(Some(tax_no)) if tax_no == self.work.message.tax_no => return Ok(()),
                Ok(_) => {}
                Err(answer) => return Err(self.not_sent(answer).await),
            }
        }
        let request = SwitchRequest {
            task: self.work.message.task_id,
            lane: self.work.lane,
            tax: self.work.tax,
            fence: self.work.fence,
            budget: self.context.settings.switches,
        };
        match self.errands.switch(request).await {
            SwitchNote::Noted => {}
            SwitchNote::Stale => return Err(End::Abandoned),
            SwitchNote::Limited { until } => return Err(self.wait_until(until).into()),
        }
        match self.while_held(etax.switch(&call)).await? {
            Answer::Succeeded(_) => Ok(()),
            answer => {
                let store = &self.context.ports.store;
                let forgotten = store.forget_current(self.work.lane, self.work.fence).await;
                self.store(forgotten)?;
                Err(self.not_sent(answer).await)
            }
        }
    }

    /// "Not done" may mean that the account is on another tax number than we believe (a switch
    /// that was written down and not made, a login of somebody else): the next attempt asks.
    pub(super) async fn doubt_number(&self) -> Step<()> {
        if self.work.session.is_none() {
            return Ok(());
        }
        let store = &self.context.ports.store;
        self.store(store.forget_current(self.work.lane, self.work.fence).await)
    }

    fn wait_until(&self, until: Moment) -> Verdict {
        let after = (until - self.context.ports.clock.now()).to_std().unwrap_or_default();
        Verdict::PutOff {
            after,
            reason: sentences::SWITCH_LIMIT.into(),
            sent: self.sent,
            counts_as_attempt: false,
            gate: None,
        }
    }

    /// Ends the attempt by an answer that says that nothing of this call happened.
    pub(super) async fn not_sent(&self, answer: Answer) -> End {
        match answer {
            Answer::LoggedOut { needs_person, sentence } => match (self.work.session, self.epoch) {
                (Some(session), Some(epoch)) => {
                    self.park(Session { epoch, ..session }, needs_person, sentence).await
                }
                _ => self.not_now(self.a_while(), sentence).into(),
            },
            Answer::Throttled { scope, until, sentence } => {
                let after = (until - self.context.ports.clock.now()).to_std().unwrap_or_default();
                let gate = match scope {
                    ThrottleScope::Lane => Throttle::Lane,
                    ThrottleScope::TaxNumber => Throttle::TaxNumber,
                };
                let (sent, counts_as_attempt) = (self.sent, false);
                let gate = Some(gate);
                Verdict::PutOff { after, reason: sentence, sent, counts_as_attempt, gate }.into()
            }
            Answer::Refused { sentence, .. } if !self.sent => Verdict::Final {
                state: StateName::Refused,
                reason: sentence,
                lines: Vec::new(),
                pool: Vec::new(),
                statistic: None,
                unknown: false,
            }
            .into(),
            Answer::Faltered { sentence }
            | Answer::Unclear { sentence }
            | Answer::Refused { sentence, .. } => self.not_now(self.a_while(), sentence).into(),
            // A holder with a higher fence was seen: ours is stale, or was drawn too early.
            Answer::Stale if !self.sent => Verdict::HandBack { reason: String::new() }.into(),
            Answer::Stale | Answer::Running | Answer::Accepted(_) | Answer::Succeeded(_) => {
                self.not_now(self.a_while(), String::new()).into()
            }
        }
    }

    /// Between tries of what goes around the submission: login, switch, reading.
    fn a_while(&self) -> Duration {
        let chance = self.context.ports.chance.unit();
        let limits = &self.context.settings.limits;
        limits.submit_again(1, chance).unwrap_or(limits.submission_delay)
    }

    /// Something around the call did not work: later, without counting as an attempt.
    fn not_now(&self, after: Duration, reason: String) -> Verdict {
        Verdict::PutOff { after, reason, sent: self.sent, counts_as_attempt: false, gate: None }
    }
}
