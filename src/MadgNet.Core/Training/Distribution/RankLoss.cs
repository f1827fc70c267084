using MadgNet.Core.Losses;

namespace MadgNet.Core.Training.Distribution;

/// <summary>The loss of one batch over all ranks.</summary>
/// <param name="Total">Its mean over the images.</param>
/// <param name="Stages">The terms' means.</param>
/// <param name="IsFinite">Whether it is finite on every rank.</param>
internal sealed record RankLoss(double Total, IReadOnlyList<TaskLossValues> Stages, bool IsFinite);
