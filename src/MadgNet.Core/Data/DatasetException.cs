namespace MadgNet.Core.Data;

/// <summary>A dataset, a split or a sample cannot be used as it is; the message lists every reason.</summary>
public sealed class DatasetException : MadgNetException
{
    /// <summary>Creates the exception for one reason.</summary>
    /// <param name="problem">What is wrong.</param>
    public DatasetException(Problem problem)
        : this([problem])
    {
    }

    /// <summary>Creates the exception for several reasons, all of which the message lists.</summary>
    /// <param name="problems">What is wrong, at least one thing.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public DatasetException(IReadOnlyList<Problem> problems, Exception? innerException = null)
        : base(string.Join(Environment.NewLine, problems), innerException) => Problems = problems;

    /// <summary>What is wrong.</summary>
    public override IReadOnlyList<Problem> Problems { get; }
}
