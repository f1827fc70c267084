namespace MadgNet.Core.Weights;

/// <summary>What the names of a weight file that begin with one prefix begin with instead.</summary>
/// <param name="From">The prefix in the file, such as <c>student.</c>; taken literally, with its dot.</param>
/// <param name="To">What stands in its place, possibly nothing; null leaves the tensors out.</param>
public sealed record PrefixRenaming(string From, string? To);
