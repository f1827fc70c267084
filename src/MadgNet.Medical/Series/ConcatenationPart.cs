namespace MadgNet.Medical.Series;

/// <summary>Which part of a divided object a file is (PS3.3, C.7.6.16.2.2.4).</summary>
/// <param name="Uid">The identifier that all parts share.</param>
/// <param name="Number">The part's number, from 1; null where the file does not state it.</param>
/// <param name="Total">How many parts there are; null where the file does not state it.</param>
/// <param name="FirstFrame">The number of the part's first frame in the whole object, from 0.</param>
public sealed record ConcatenationPart(string Uid, int? Number, int? Total, int FirstFrame);
