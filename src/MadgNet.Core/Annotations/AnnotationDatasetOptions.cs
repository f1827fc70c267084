using MadgNet.Core.Data;

namespace MadgNet.Core.Annotations;

/// <summary>How images and annotations become samples.</summary>
public sealed record AnnotationDatasetOptions
{
    /// <summary>
    /// The labels, one mask each; default one label to which everything belongs. Where a class belongs to no label, the dataset is refused:
    /// see <see cref="IgnoreOtherClasses"/>.
    /// </summary>
    public IReadOnlyList<AnnotationLabel> Labels { get; init; } = [AnnotationLabel.Everything()];

    /// <summary>Whether classes that belong to no label are background. Default false.</summary>
    public bool IgnoreOtherClasses { get; init; }

    /// <summary>How the annotations are read.</summary>
    public AnnotationReadOptions Reading { get; init; } = new();

    /// <summary>
    /// How the images are read: channels, window, reader, inversion, and what is done with images that the annotations do not name (and the
    /// other way round). What it says of masks has no meaning here.
    /// </summary>
    public FolderDatasetOptions Images { get; init; } = new();

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        if (Labels is null || Reading is null || Images is null || Labels.Any(label => label?.Classes is null))
        {
            return
            [
                new Problem("options", "null for Labels, Reading, Images or one of them", "a value", "Leave the defaults or set a value"),
            ];
        }

        List<Problem> problems = [.. Reading.Validate(), .. Images.Validate()];
        if (Labels.Count == 0 || Labels.Any(label => string.IsNullOrWhiteSpace(label.Name))
            || Labels.Select(label => label.Name).Distinct(StringComparer.Ordinal).Count() != Labels.Count)
        {
            problems.Add(new Problem(
                nameof(Labels),
                $"[{string.Join(", ", Labels.Select(label => label.Name))}]",
                "at least one label, with names that are not empty and differ",
                "Use AnnotationLabel.Everything() for one binary mask"));
        }

        return problems;
    }
}
