//! Who exists in a run: ten bureaus with five accounts each, four of them with 乐企, and 320 tax
//! numbers, each with two accounts.

use crate::chance::Dice;
use domain::{
    bureau::{Account, BUREAUS, BureauCode, LaneKey},
    invoice::{InvoiceType, ToldInvoice},
    money::Fen,
    tax_no::TaxNo,
    taxpayer::LoginMode,
    world::{Served, World, WorldAccount, WorldInvoice, WorldTaxpayer},
};

const BUREAUS_USED: usize = 10;
const ACCOUNTS_PER_BUREAU: usize = 5;
const LEQI_BUREAUS: usize = 4;
const NUMBERS: usize = 320;
/// Of every tax number.
const INVOICES: usize = 3;
/// The first so many numbers of a bureau with 乐企 use it.
const LEQI_NUMBERS: usize = 8;

/// The world, and what the simulation needs to know about it.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) world: World,
    pub(crate) lanes: Vec<LaneKey>,
    pub(crate) manual: Vec<LaneKey>,
    pub(crate) numbers: Vec<Number>,
    /// Those whose account comes later.
    pub(crate) homeless: World,
}

/// One tax number.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) tax_no: TaxNo,
    pub(crate) bureau: BureauCode,
    /// Empty for 乐企.
    pub(crate) accounts: Vec<Account>,
    pub(crate) invoices: Vec<String>,
}

fn bureau(n: usize) -> BureauCode {
    let (code, _) = BUREAUS[n * 3 % BUREAUS.len()];
    BureauCode::of_region(code).expect("it stands in the table")
}

fn account(bureau: usize, n: usize) -> Account {
    format!("138{bureau:03}{n:05}").parse().expect("digits are an account")
}

fn tax_no(n: usize) -> TaxNo {
    format!("91{n:013}AAA").parse().expect("18 digits and letters")
}

/// Every run has the same places; who logs in by hand, and who is on line, comes from the seed.
pub(crate) fn places(dice: &Dice) -> Places {
    let mut places = Places {
        world: World::default(),
        lanes: Vec::new(),
        manual: Vec::new(),
        numbers: Vec::new(),
        homeless: World::default(),
    };
    for n in 0..BUREAUS_USED {
        for k in 0..ACCOUNTS_PER_BUREAU {
            places.add_account(dice, n, k);
        }
    }
    for n in 0..NUMBERS {
        places.add_number(n);
    }
    let late = places.world.accounts.split_off(BUREAUS_USED * ACCOUNTS_PER_BUREAU);
    places.homeless.accounts = late;
    places.homeless.taxpayers.clone_from(&places.world.taxpayers);
    places
}

impl Places {
    fn add_account(&mut self, dice: &Dice, n: usize, k: usize) {
        let login = if dice.once_in(4) { LoginMode::Manual } else { LoginMode::Auto };
        let online = !dice.once_in(3);
        let lane = LaneKey { bureau: bureau(n), account: account(n, k) };
        if login == LoginMode::Manual {
            self.manual.push(lane.clone());
        }
        let (bureau, account) = (lane.bureau, lane.account.clone());
        self.lanes.push(lane);
        let serves = Vec::new();
        self.world.accounts.push(WorldAccount { bureau, account, login, online, serves });
    }

    fn add_number(&mut self, n: usize) {
        let (of, rank) = (n % BUREAUS_USED, n / BUREAUS_USED);
        let leqi = of < LEQI_BUREAUS && rank < LEQI_NUMBERS;
        // The last tax number of each bureau has no account at first.
        let homeless = rank == NUMBERS / BUREAUS_USED - 1;
        let tax_no = tax_no(n);
        self.world.taxpayers.push(WorldTaxpayer {
            tax_no: tax_no.clone(),
            name: String::new(),
            kind: domain::taxpayer::TaxpayerKind::General,
            channel: if leqi { "leqi" } else { "etax" }.into(),
            leqi_mode: domain::taxpayer::LeqiMode::SelfUse,
            bureau: bureau(of),
            tax_org: String::new(),
        });
        let mut accounts = Vec::new();
        if homeless && !leqi {
            self.add_late_account(&tax_no, of);
        } else if !leqi {
            for k in [rank % ACCOUNTS_PER_BUREAU, (rank + 2) % ACCOUNTS_PER_BUREAU] {
                let at = &mut self.world.accounts[of * ACCOUNTS_PER_BUREAU + k];
                at.serves.push(serve(&tax_no));
                accounts.push(at.account.clone());
            }
        }
        let invoices = (0..INVOICES).map(|k| format!("{n:017}{k:03}")).collect::<Vec<_>>();
        for number in &invoices {
            self.world.invoices.push(invoice(&tax_no, number));
        }
        self.numbers.push(Number { tax_no, bureau: bureau(of), accounts, invoices });
    }

    fn add_late_account(&mut self, tax_no: &TaxNo, of: usize) {
        self.world.accounts.push(WorldAccount {
            bureau: bureau(of),
            account: account(of, 99),
            login: LoginMode::Auto,
            online: false,
            serves: vec![serve(tax_no)],
        });
    }
}

fn serve(tax_no: &TaxNo) -> Served {
    let business = domain::taxpayer::Business::Both;
    Served { tax_no: tax_no.clone(), may: vec![business], default_business: business }
}

fn invoice(buyer: &TaxNo, number: &str) -> WorldInvoice {
    WorldInvoice {
        buyer_tax_no: buyer.clone(),
        invoice_type: InvoiceType::from_number(27).expect("type 27 exists"),
        invoice_code: String::new(),
        invoice_no: number.to_owned(),
        payment_book_no: None,
        invoice_date: "2025-11-01".parse().ok(),
        amount: Fen(10_000),
        tax: Fen(600),
        status: domain::invoice::InvoiceStatus::Normal,
        risk: domain::invoice::Risk::Normal,
        selection: None,
        special_kind: String::new(),
        accounting_org: String::new(),
        seller_name: String::new(),
        seller_tax_no: String::new(),
        details: domain::invoice::SaidDetails::default(),
    }
}

/// The same as a download tells it.
pub(crate) fn told(invoice: &WorldInvoice) -> ToldInvoice {
    ToldInvoice {
        buyer_tax_no: invoice.buyer_tax_no.clone(),
        key: invoice.key(),
        invoice_type: invoice.invoice_type,
        date: invoice.invoice_date,
        amount: invoice.amount,
        tax: invoice.tax,
        status: invoice.status,
        risk: invoice.risk,
        special_kind: String::new(),
        seller_name: String::new(),
        seller_tax_no: String::new(),
        used: None,
    }
}
