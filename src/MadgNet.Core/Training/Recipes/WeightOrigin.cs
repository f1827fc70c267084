using MadgNet.Core.Models;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Training.Recipes;

/// <summary>What a file of pretrained weights says of its licence and origin, for manifest and model card.</summary>
internal static class WeightOrigin
{
    private static readonly IReadOnlyList<(string InFile, string InNotes)> Keys =
    [
        (PretrainedEncoder.SourceKey, PretrainedEncoder.SourceNote),
        (PretrainedEncoder.LicenceKey, PretrainedEncoder.LicenceNote),
        (PretrainedEncoder.TrainedOnKey, PretrainedEncoder.TrainedOnNote),
    ];

    /// <summary>The notes; none for a file that says nothing. One that cannot be read is told when the network is built.</summary>
    public static IEnumerable<KeyValuePair<string, string>> NotesOn(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            using WeightArchive archive = WeightArchive.Open(path);
            return
            [
                .. Keys.Where(key => archive.Metadata.ContainsKey(key.InFile))
                    .Select(key => KeyValuePair.Create(key.InNotes, archive.Metadata[key.InFile])),
            ];
        }
        catch (WeightFileException)
        {
            return [];
        }
    }
}
