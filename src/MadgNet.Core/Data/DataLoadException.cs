namespace MadgNet.Core.Data;

/// <summary>A sample could not be loaded, transformed or put into its batch.</summary>
public sealed class DataLoadException : MadgNetException
{
    /// <summary>Creates the exception for one sample.</summary>
    /// <param name="sampleName">The sample's name.</param>
    /// <param name="index">Its number in the dataset.</param>
    /// <param name="message">What was received, what is expected and what to do.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public DataLoadException(string sampleName, int index, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        SampleName = sampleName;
        Index = index;
    }

    /// <summary>The sample's name.</summary>
    public string SampleName { get; }

    /// <summary>The sample's number in the dataset.</summary>
    public int Index { get; }
}
