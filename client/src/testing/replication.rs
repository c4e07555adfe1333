//! What a test node answers to nodes.

use std::time::Duration;

use bytes::Bytes;
use tonic::{Request, Response, Status};
use wpsx_proto::{
    api::{
        log::v1::FrameEncoding,
        replication::v1::{
            GetConsistencyRequest, GetConsistencyResponse, GetIdentityRequest, GetIdentityResponse,
            HelloRequest, HelloResponse, KnownHead, ListHeadsRequest, ListHeadsResponse,
            ReadPackagesRequest, ReadPackagesResponse, ReadPayloadsRequest, ReadPayloadsResponse,
            ReportErasureRequest, ReportErasureResponse, ReportForkRequest, ReportForkResponse,
            ReportRefusalRequest, ReportRefusalResponse, Standing, WatchHeadsRequest,
            WatchHeadsResponse, replication_service_server::ReplicationService,
        },
    },
    hash::Hash,
    index::{BUNDLE, LeafIndex, TreeSize},
};

use super::{
    lie::Lie,
    node::{Answers, TestNode},
    spoil::{flip, spoil},
};

/// How long a stream of heads lasts that ends soon.
const SOON: Duration = Duration::from_millis(100);

#[tonic::async_trait]
impl ReplicationService for TestNode {
    async fn hello(&self, _: Request<HelloRequest>) -> Result<Response<HelloResponse>, Status> {
        self.honest_pace().await;
        let mut state = self.state();
        state.sent.hellos += 1;
        Ok(Response::new(HelloResponse {
            capabilities: state.capabilities.clone(),
            software: "test".to_owned(),
            card: state.card.clone(),
            standing: Standing::Peer.into(),
            ..HelloResponse::default()
        }))
    }

    async fn list_heads(
        &self,
        request: Request<ListHeadsRequest>,
    ) -> Result<Response<ListHeadsResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        Ok(Response::new(ListHeadsResponse {
            heads: self.heads(&request.known, &request.origins),
            next_page_token: String::new(),
        }))
    }

    type WatchHeadsStream = Answers<WatchHeadsResponse>;

    async fn watch_heads(
        &self,
        request: Request<WatchHeadsRequest>,
    ) -> Result<Response<Self::WatchHeadsStream>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let node = self.clone();
        let mut changed = self.changed.subscribe();
        let answers = async_stream::stream! {
            let mut known = request.known;
            loop {
                changed.borrow_and_update();
                let heads = node.heads(&known, &request.origins);
                for head in &heads {
                    known.retain(|known| known.origin != head.origin);
                    known.push(KnownHead {
                        origin: head.origin.clone(),
                        tree_size: size_of(&head.checkpoint),
                        note_hash: Bytes::copy_from_slice(
                            &Hash::of(&head.checkpoint).as_bytes()[..8],
                        ),
                    });
                }
                for head in heads {
                    yield Ok(WatchHeadsResponse { heads: vec![head] });
                }
                if node.state().lie == Some(Lie::HangUp) {
                    tokio::time::sleep(SOON).await;
                    return;
                }
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_identity(
        &self,
        request: Request<GetIdentityRequest>,
    ) -> Result<Response<GetIdentityResponse>, Status> {
        let (log, _) = self.log(&request.into_inner().origin)?;
        Ok(Response::new(GetIdentityResponse {
            operations: log.identity().notes().to_vec(),
        }))
    }

    async fn get_consistency(
        &self,
        request: Request<GetConsistencyRequest>,
    ) -> Result<Response<GetConsistencyResponse>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let (log, lie) = self.log(&request.origin)?;
        let (from, to) = (
            TreeSize::new(request.from_size),
            TreeSize::new(request.to_size),
        );
        if from > to || to > log.size() {
            return Err(Status::out_of_range("the log is smaller"));
        }
        if let Some(Lie::NoConsistency | Lie::RolledBackWithoutProof) = lie {
            return Err(Status::failed_precondition("its entries are damaged"));
        }
        let mut proof = Hash::list_to_bytes(&log.consistency(from, to));
        if lie == Some(Lie::BadConsistency) {
            proof = flip(&proof, 0);
        }
        Ok(Response::new(GetConsistencyResponse { proof }))
    }

    type ReadPackagesStream = Answers<ReadPackagesResponse>;

    async fn read_packages(
        &self,
        request: Request<ReadPackagesRequest>,
    ) -> Result<Response<Self::ReadPackagesStream>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let (log, lie) = self.log(&request.origin)?;
        let size = TreeSize::new(request.tree_size);
        let end = match request.end {
            0 => request.tree_size,
            end => end,
        };
        let is_beyond = size > log.size() || lie == Some(Lie::LargerThanServed);
        if end > request.tree_size || is_beyond || request.start > end {
            return Err(Status::out_of_range("the log is smaller"));
        }
        let mut packages = Vec::new();
        let mut next = request.start;
        while next < end {
            let until = end.min((next / BUNDLE + 1) * BUNDLE);
            let short = u64::from(lie == Some(Lie::ShortPackages));
            let until_told = (until - short).max(next + 1);
            let mut package = log.package(LeafIndex::new(next), LeafIndex::new(until_told), size);
            self.state().sent.entries += until - next;
            // The last package lies, so that those before it are taken.
            match lie.filter(|_| until == end) {
                // Behind the length of the first entry.
                Some(Lie::ChangedEntry) => package.entries = flip(&package.entries, 8),
                Some(Lie::BadSubtreeProof) if package.proof.is_empty() => {
                    package.proof = Bytes::copy_from_slice(&[7; 32]);
                }
                Some(Lie::BadSubtreeProof) => package.proof = flip(&package.proof, 0),
                Some(Lie::OversizedPackage) => package.proof = vec![0; 2 << 20].into(),
                _ => {}
            }
            packages.push(ReadPackagesResponse {
                package: Some(package),
            });
            next = until;
        }
        match lie {
            Some(Lie::ReorderedPackages) => packages.reverse(),
            Some(Lie::TruncatedPackages) => {
                packages.pop();
            }
            Some(Lie::ExtraPackages) => packages.extend(packages.last().cloned()),
            _ => {}
        }
        Ok(Response::new(self.stream(packages, lie)))
    }

    type ReadPayloadsStream = Answers<ReadPayloadsResponse>;

    async fn read_payloads(
        &self,
        request: Request<ReadPayloadsRequest>,
    ) -> Result<Response<Self::ReadPayloadsStream>, Status> {
        self.honest_pace().await;
        let request = request.into_inner();
        let (log, lie) = self.log(&request.origin)?;
        let plain = matches!(lie, Some(Lie::ChangedPayload | Lie::ChangedSalt));
        let zstd = request.encodings.contains(&FrameEncoding::Zstd.into()) && !plain;
        let mut frames = Vec::new();
        for range in &request.ranges {
            if range.end > log.size().value() || range.start >= range.end {
                return Err(Status::out_of_range("the log is smaller"));
            }
            // Also what is asked for as one frame has an order then.
            let middle = match lie {
                Some(Lie::ReorderedFrames) => range.start.midpoint(range.end),
                _ => range.start,
            };
            for (start, end) in [(range.start, middle), (middle, range.end)] {
                if start < end {
                    frames.extend(log.frames(start, end, &request.countries, zstd));
                }
            }
        }
        {
            let sent = &mut self.state().sent;
            for frame in &frames {
                sent.slots += frame.states.len() as u64;
                sent.compressed += u64::from(frame.encoding() == FrameEncoding::Zstd);
            }
        }
        match lie {
            Some(Lie::ReorderedFrames) => frames.reverse(),
            Some(Lie::TruncatedPayloads) => {
                frames.pop();
            }
            Some(Lie::ExtraFrames) => frames.extend(frames.last().cloned()),
            Some(lie) => {
                if let Some(frame) = frames.last_mut() {
                    spoil(frame, lie);
                }
            }
            None => {}
        }
        let frames = frames
            .into_iter()
            .map(|frame| ReadPayloadsResponse { frame: Some(frame) })
            .collect();
        Ok(Response::new(self.stream(frames, lie)))
    }

    async fn report_refusal(
        &self,
        request: Request<ReportRefusalRequest>,
    ) -> Result<Response<ReportRefusalResponse>, Status> {
        let request = request.into_inner();
        let mut state = self.state();
        match request.resolved {
            true => state.refusals.clear(),
            false => state.refusals.push((request.code, request.reason)),
        }
        Ok(Response::new(ReportRefusalResponse {}))
    }

    async fn report_erasure(
        &self,
        _: Request<ReportErasureRequest>,
    ) -> Result<Response<ReportErasureResponse>, Status> {
        Ok(Response::new(ReportErasureResponse {}))
    }

    async fn report_fork(
        &self,
        _: Request<ReportForkRequest>,
    ) -> Result<Response<ReportForkResponse>, Status> {
        self.state().sent.fork_reports += 1;
        Ok(Response::new(ReportForkResponse {}))
    }
}

/// The size that a signed note's third line states.
fn size_of(note: &[u8]) -> u64 {
    std::str::from_utf8(note)
        .ok()
        .and_then(|text| text.lines().nth(1))
        .and_then(|line| line.parse().ok())
        .unwrap_or(0)
}
