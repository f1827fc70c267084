using System.Diagnostics.CodeAnalysis;

namespace MadgNet.Core.Inference;

/// <summary>What became of one file of a folder: a prediction, or the reason why there is none.</summary>
public sealed class FilePrediction
{
    internal FilePrediction(string path, int index, int count, Prediction? prediction, Exception? error)
    {
        Path = path;
        Index = index;
        Count = count;
        Prediction = prediction;
        Error = error;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its place among the files, from 0.</summary>
    public int Index { get; }

    /// <summary>How many files there are.</summary>
    public int Count { get; }

    /// <summary>Whether there is a prediction.</summary>
    [MemberNotNullWhen(true, nameof(Prediction))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Prediction is not null;

    /// <summary>What was found; null where the file could not be segmented.</summary>
    public Prediction? Prediction { get; }

    /// <summary>
    /// Why there is no prediction: an <see cref="Imaging.ImageReadException"/>, a <see cref="TensorShapeException"/> or another
    /// <see cref="MadgNetException"/>; null where there is one.
    /// </summary>
    public Exception? Error { get; }
}
