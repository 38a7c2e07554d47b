// Objects of the API, as far as the UI reads them.
export interface List<T> {
  total: number;
  perPage: number;
  pagesCount: number;
  entities: T[];
}
export interface Session {
  setup: boolean;
  csrf?: string;
  user?: { id: number; login: string; isAdmin: boolean; isRestricted: boolean };
}
export interface Me {
  id: number;
  login: string;
  name: string;
  email: string | null;
  teams: { id: number; name: string; roleId: number; role: string }[];
}
export interface Team {
  id: number;
  name: string;
  role?: string;
}
export interface Member {
  id: number;
  login: string;
  name: string;
  role: string;
  roleId: number;
  disabled: boolean;
  isRestricted: boolean;
  lastLogin: string | null;
  createdAt: string;
}
export type JobStatus = "pending" | "in_progress" | "on_review" | "review_completed" | "completed" | "stopped";
export type ReviewStatus = "none" | "done" | "accepted" | "rejected" | "quality_check_accepted";
export interface Named {
  id: number;
  name: string;
}
export interface JobEntity {
  id: number;
  name: string;
  reviewStatus: ReviewStatus;
}
export interface Job {
  id: number;
  name: string;
  readme: string;
  description: string;
  teamId: number;
  workspaceId: number;
  workspaceTitle: string;
  projectId: number;
  projectTitle: string;
  datasetId: number;
  datasetTitle: string;
  createdBy: number;
  managerLogin: string;
  userId: number;
  labelerLogin: string;
  reviewerId: number | null;
  reviewerLogin: string | null;
  createdAt: string;
  updatedAt: string;
  startedAt: string | null;
  annotationFinishedAt: string | null;
  reviewFinishedAt: string | null;
  finishedAt: string | null;
  status: JobStatus;
  disabled: boolean;
  imagesCount: number;
  finishedImagesCount: number;
  rejectedImagesCount: number;
  acceptedImagesCount: number;
  priority: number | null;
  round?: number;
  srcJobId?: number | null;
  labelingQueueId?: number | null;
  customData?: Record<string, unknown>;
  meta: {
    classes: Named[];
    projectTags: Named[];
    imageTags: (Named & { positive: boolean })[];
    readOnlyTags: string[];
    imageFiguresLimit: number | null;
    imageTagsLimit: number | null;
    dynamicClasses: boolean;
    dynamicTags: boolean;
    disableConfirm: boolean;
    disableSubmit: boolean;
    guide?: number | null;
    imageTagsMinLimit?: number | null;
    figuresVisibility?: "all" | "own";
    tagsVisibility?: "all" | "own";
    enableIntermediateReview?: boolean;
  };
  entities: JobEntity[];
}
export interface Queue {
  id: number;
  name: string;
  teamId: number;
  projectId: number;
  datasetId: number | null;
  collectionId: number | null;
  createdAt: string;
  finishedAt: string | null;
  status: JobStatus;
  disabled: boolean;
  labelers: { id: number }[];
  reviewers: { id: number }[];
  jobs: { id: number }[];
  entitiesCount: number;
  pendingCount: number;
  inProgressCount: number;
  annotatedCount: number;
  acceptedCount: number;
}
export interface QueueStats {
  classes: JobStats["classes"];
  users: { id: number; login: string; task: string; jobId: number; imagesCount: number; doneCount: number; acceptedCount: number; rejectedCount: number; annotationDuration: number }[];
}
export interface QueueImage {
  id: number;
  name: string;
  reviewStatus: ReviewStatus | null;
  labelsCount: number;
  jobId: number | null;
  reviewJobId: number | null;
}
export interface JobStats {
  job: {
    startedAt: string | null;
    annotationFinishedAt: string | null;
    reviewFinishedAt: string | null;
    imagesCount: number;
    editingDuration: number;
    annotationDuration: number;
    tagsStats: { id?: number; parentId?: number; name: string; color: string; images: number; figures: number }[];
  };
  classes: { id: number; name: string; color: string; shape: string; labelsCount: number; imagesCount: number; totalDuration: number; avgDuration: number }[];
  images: { total: number; images: { id: number; name: string; reviewStatus: ReviewStatus; labelsCount: number; annotationDuration: number; totalDuration: number }[] };
}
export interface Guide {
  id: number;
  name: string;
  description: string;
  text: string;
  filePath: string | null;
  createdAt: string;
  updatedAt: string;
  createdBy: number;
  disabledAt: string | null;
}
export interface Issue {
  id: number;
  name: string;
  status: "open" | "closed";
  userLogin: string;
  createdBy: number;
  createdAt: string;
  updatedAt: string;
  isPinned?: boolean;
  isLocal?: boolean;
  assignees?: number[];
  parentId?: number | null;
  imageId?: number | null;
  imageName?: string | null;
  bindings?: { field: string; value: number }[];
  subIssues?: Issue[];
  comments?: { id: number; createdBy: number; createdByUser: string; createdAt: string; updatedAt: string; comment: string }[];
}
export interface Webhook {
  id: number;
  action: string;
  url: string;
  secret?: string;
  createdAt: string;
  meta: { retriesCount?: number; retriesDelay?: number; headers?: Record<string, string>; followRedirect?: boolean; rejectUnauthorized?: boolean };
}
export interface Delivery {
  id: number;
  webhookId: number;
  event: string;
  body: unknown;
  test: boolean;
  state: "pending" | "delivered" | "failed" | "cancelled";
  attempts: number;
  status: number | null;
  error: string | null;
  durationMs: number;
  createdAt: string;
  triedAt: string | null;
  nextAt: string | null;
}
export interface Workspace {
  id: number;
  name: string;
}
export interface Project {
  id: number;
  name: string;
  description: string;
  workspaceId: number;
  teamId: number;
  imagesCount: number;
  datasetsCount?: number;
  size: string;
  createdAt: string;
  updatedAt: string;
}
export interface Dataset {
  id: number;
  name: string;
  description: string;
  projectId: number;
  workspaceId: number;
  teamId: number;
  imagesCount: number;
  size: string;
  parentId: number | null;
  createdAt: string;
}
export interface Collection {
  id: number;
  name: string;
  description: string;
  type: "default" | "aiSearch";
  projectId: number;
  createdAt: string;
  updatedAt: string;
}
export interface ImageTag {
  id: number;
  tagId: number;
  name: string;
  value?: string | number | null;
  labelerLogin?: string;
}
export interface Image {
  id: number;
  name: string;
  width: number;
  height: number;
  size: number;
  mime: string;
  hash: string | null;
  labelsCount: number;
  datasetId: number;
  projectId: number;
  createdAt: string;
  tags: ImageTag[];
}
export type Shape = "rectangle" | "polygon" | "line" | "point" | "bitmap" | "graph" | "any" | "alpha_mask" | "multipolygon" | string;
export interface KeypointTemplate {
  nodes: Record<string, { label?: string; loc: [number, number]; color?: string }>;
  edges: { src: string; dst: string; color?: string }[];
}
export interface ClassMeta {
  id: number;
  title: string;
  shape: Shape;
  color: string;
  hotkey: string;
  geometry_config?: KeypointTemplate;
}
export interface TagMeta {
  id: number;
  name: string;
  value_type: "none" | "any_string" | "any_number" | "oneof_string" | string;
  values?: string[];
  color: string;
  hotkey: string;
  applicable_type?: "all" | "imagesOnly" | "objectsOnly";
  classes?: string[];
}
// A server-sent event: what has happened, and how the job stands now.
export interface News {
  id: number;
  action: string;
  userId: number | null;
  projectId: number | null;
  imageId: number | null;
  figureId: number | null;
  jobId: number | null;
  job: Pick<Job, "status" | "imagesCount" | "finishedImagesCount" | "acceptedImagesCount" | "rejectedImagesCount"> | null;
  meta: { reviewStatus?: ReviewStatus };
}
export interface ProjectMeta {
  classes: ClassMeta[];
  tags: TagMeta[];
}
export interface ActivityEvent {
  id: number;
  action: string;
  date: string;
  user: string | null;
  project: string | null;
  dataset: string | null;
  image: string | null;
  imageId: number | null;
  class: string | null;
  figureId: number | null;
  job: string | null;
  jobId: number | null;
  tag: string | null;
  meta: Record<string, unknown>;
}
export interface AnnotationObject {
  id: number;
  classId: number;
  classTitle: string;
  geometryType: Shape;
  labelerLogin: string;
  createdAt: string;
  updatedAt: string;
  tags: ImageTag[];
  points?: { exterior: [number, number][]; interior: [number, number][][] };
  bitmap?: { origin: [number, number]; data: string };
  nodes?: Record<string, { loc: [number, number]; disabled?: boolean }>;
  parts?: { exterior: [number, number][]; interior: [number, number][][] }[];
}
export interface AnnotationInfo {
  imageId: number;
  imageName: string;
  updatedAt: string;
  annotation: { description: string; tags: ImageTag[]; size: { width: number; height: number }; objects: AnnotationObject[] };
}
