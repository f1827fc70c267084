using MadgNet.Core.Inputs;

namespace MadgNet.Core.Data;

/// <summary>
/// A numbered set of samples that are loaded on demand. Three members make one; the others have defaults and tell the
/// doctor more.
/// </summary>
/// <remarks>Implementations are called from several threads at once.</remarks>
public interface IDataset
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>The names of the labels, in the order of <see cref="Sample.Masks"/>; empty where they are not known.</summary>
    IReadOnlyList<string> Labels => [];

    /// <summary>What the samples' images are otherwise than a network expects; null, the default, where nothing is known to be.</summary>
    /// <param name="input">What the network expects.</param>
    /// <returns>The contradiction, or null.</returns>
    Problem? Contradicts(ModelInput input) => null;

    /// <summary>The name of a sample, unique within the dataset, without loading it.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>The name.</returns>
    string NameOf(int index);

    /// <summary>Loads a sample.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>A sample that the caller owns: nobody else writes to it.</returns>
    /// <exception cref="MadgNetException">The sample cannot be loaded; the message names its file.</exception>
    Sample Load(int index);

    /// <summary>The files behind a sample.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>The files, or null where the sample does not come from files.</returns>
    SampleFiles? FilesOf(int index) => null;

    /// <summary>What was found wrong when the dataset was put together and did not stop it: files left without a partner.</summary>
    IReadOnlyList<Finding> Findings => [];

    /// <summary>
    /// Looks at a sample more closely than <see cref="Load"/> does, for the doctor: its size, its channels, the values of its
    /// masks. By default the loaded sample is examined; datasets of files look at the files.
    /// </summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>What was found.</returns>
    SampleExamination Examine(int index) => SampleExamination.Of(Load(index));
}
